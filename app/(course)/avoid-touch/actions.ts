'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function begin() {
  const session = await getSession()
  session.set('avoid-touch.note', 'a session to watch')
  await session.save()
  redirect('/avoid-touch')
}

/** Takes effect at once and needs no save. */
export async function switchAvoidTouch(form: FormData) {
  const session = await getSession()
  await session.setAvoidTouch(form.get('avoid') === 'on')
  redirect('/avoid-touch')
}

/** Extends the session even when visits do not. */
export async function touchNow() {
  const session = await getSession()
  await session.touch()
  redirect('/avoid-touch')
}
