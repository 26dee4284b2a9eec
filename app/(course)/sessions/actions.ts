'use server'

import { notFound, redirect } from 'next/navigation'
import { destroyAllSessions, destroySession } from '@/lib/session'
import { sessionsAccess, unlockSessions } from './access'

export async function unlock(form: FormData) {
  const isRight = await unlockSessions(String(form.get('token')))
  redirect(isRight ? '/sessions' : '/sessions?error=token')
}

export async function endOne(form: FormData) {
  await assertOpen()
  await destroySession(String(form.get('name')))
  redirect('/sessions')
}

export async function endAll() {
  await assertOpen()
  await destroyAllSessions()
  redirect('/sessions')
}

/** Anyone can call an action without opening the page, so each action checks the access itself. */
async function assertOpen(): Promise<void> {
  if ((await sessionsAccess()) !== 'open') notFound()
}
