'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { getSession, sessionStatus } from '@/lib/session'
import { ASK_LIMIT_MS, ask } from './ask'
import { attacks, isAttack } from './attacks'

export async function begin() {
  const session = await getSession()
  session.set('what-an-attacker-tries.secret', 'the plans')
  await session.save()
  redirect('/what-an-attacker-tries')
}

export async function attack(form: FormData) {
  const name = form.get('attack')
  const { cookieName } = await sessionStatus()
  const own = (await cookies()).get(cookieName)?.value
  if (!isAttack(name) || !own) redirect('/what-an-attacker-tries')

  const cookie = attacks[name].cookie(own)
  if (name === 'replayed') await (await getSession()).regenerate()
  redirect(`/what-an-attacker-tries?attack=${name}&answer=${await askThisServer(`${cookieName}=${cookie}`)}`)
}

/** A request of its own, to this same server, with the attacker's cookie. */
function askThisServer(cookie: string) {
  const url = `http://localhost:${process.env.PORT}/what-an-attacker-tries/who` // never an address from the request
  return ask(url, cookie, AbortSignal.timeout(ASK_LIMIT_MS))
}
