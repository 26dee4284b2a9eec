'use server'

import { redirect } from 'next/navigation'
import { getSession, SessionTooLargeError } from '@/lib/session'

export async function saveNote(form: FormData) {
  const session = await getSession()
  session.set('save.note', String(form.get('note')).slice(0, 5000)) // the limit in the form can be bypassed
  await save()
}

export async function addFiller() {
  const session = await getSession()
  session.update('save.filler', (filler = '') => `${filler}${'x'.repeat(600)}`.slice(0, 12_000))
  await save()
}

export async function removeFiller() {
  const session = await getSession()
  if (session.delete('save.filler')) await save()
  redirect('/save')
}

async function save(): Promise<never> {
  const session = await getSession() // the same object: a request has one session
  const outcome = await session.save().catch(tooLarge)
  if (outcome === 'saved') redirect('/save')
  // 'ended': in the meantime the session was destroyed or regenerated, or it expired. Nothing was stored.
  redirect(outcome === 'ended' ? '/save?error=ended' : `/save?error=too-large&${outcome}`)
}

/** Returns the sizes for the page to show. Throws any other error again. */
function tooLarge(error: unknown): URLSearchParams {
  if (!(error instanceof SessionTooLargeError)) throw error
  const { bytes, limitBytes, heaviestKeys } = error
  const heaviest = heaviestKeys.map(({ key, bytes }) => `${key} (${bytes} bytes)`).join(', ')
  return new URLSearchParams({ bytes: String(bytes), limit: String(limitBytes), heaviest })
}
