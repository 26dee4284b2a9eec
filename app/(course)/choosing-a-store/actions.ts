'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function timeSave() {
  const session = await getSession()
  session.update('choosing-a-store.saves', (saves = 0) => saves + 1)
  const started = performance.now()
  await session.save()
  redirect(`/choosing-a-store?ms=${(performance.now() - started).toFixed(2)}`)
}
