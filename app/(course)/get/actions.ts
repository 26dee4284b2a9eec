'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function countVisit() {
  const session = await getSession()
  session.update('get.visits', (visits = 0) => visits + 1)
  await session.save()
  redirect('/get')
}
