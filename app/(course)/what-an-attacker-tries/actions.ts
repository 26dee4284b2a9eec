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

/** Sends a separate request with the attacker's cookie to this same server. */
function askThisServer(cookie: string) {
  const url = `http://localhost:${process.env.PORT}/what-an-attacker-tries/who` // never a host name from the request
  return ask(url, cookie, AbortSignal.timeout(ASK_LIMIT_MS))
}
