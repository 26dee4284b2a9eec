'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function begin() {
  const session = await getSession()
  await session.save() // an empty session is one too
  redirect('/two-tabs')
}
