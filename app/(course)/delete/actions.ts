'use server'

import { redirect } from 'next/navigation'
import { getSession } from '@/lib/session'

export async function fillBoth() {
  const session = await getSession()
  session.set('delete.first', 'apple')
  session.set('delete.second', 'pear')
  await session.save()
  redirect('/delete')
}

export async function deleteFirst() {
  const session = await getSession()
  if (session.delete('delete.first')) await session.save() // without the key, there is nothing to save
  redirect('/delete')
}
