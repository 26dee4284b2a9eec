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

/** Anybody can call an action; the page that shows its button guards nothing. */
async function assertOpen(): Promise<void> {
  if ((await sessionsAccess()) !== 'open') notFound()
}
