'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function countVisit(): Promise<void> {
  const session = await getSession()
  session.update('visits', (visits = 0) => visits + 1)
  await session.save() // without this, the change is lost when the request ends
  redirect('/')
}

export async function forget(): Promise<void> {
  const session = await getSession()
  await session.destroy()
  redirect('/')
}
