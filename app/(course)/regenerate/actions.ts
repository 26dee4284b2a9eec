'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function saveGreeting(form: FormData) {
  const session = await getSession()
  session.set('regenerate.greeting', String(form.get('greeting')).slice(0, 80))
  await session.save()
  redirect('/regenerate')
}

export async function regenerateSession() {
  const session = await getSession()
  const before = session.id ?? '' // the public id; the token stays in the cookie
  await session.regenerate()
  redirect(`/regenerate?before=${before}`)
}
