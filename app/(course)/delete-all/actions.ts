'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function saveName(form: FormData) {
  const session = await getSession()
  session.set('delete-all.name', String(form.get('name')).slice(0, 80))
  await session.save()
  redirect('/delete-all')
}

export async function destroySession() {
  const session = await getSession()
  await session.destroy()
  redirect('/delete-all')
}
