'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function countVisit(): Promise<void> {
  const session = await getSession()
  session.update('visits', (visits = 0) => visits + 1)
  await session.save() // what is not saved is gone after the request
  redirect('/')
}

export async function forget(): Promise<void> {
  const session = await getSession()
  await session.destroy()
  redirect('/')
}
