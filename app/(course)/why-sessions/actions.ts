'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function sayName(form: FormData) {
  const session = await getSession()
  session.set('why-sessions.name', String(form.get('name')).slice(0, 80))
  await session.save()
  redirect('/why-sessions')
}
