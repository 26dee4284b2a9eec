'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function begin() {
  const session = await getSession()
  await session.save() // a session may be empty
  redirect('/two-tabs')
}
