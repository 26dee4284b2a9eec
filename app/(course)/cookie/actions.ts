'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { flipBit } from '@/app/(course)/_live/cookie-parts'
import { getSession, sessionStatus } from '@/lib/session'

export async function begin() {
  const session = await getSession()
  session.set('cookie.word', 'sesame')
  await session.save()
  redirect('/cookie')
}

/** Changes the cookie as if the visitor had edited it by hand. A second call changes it back. */
export async function flipOneBit() {
  const { cookieName, cookieAttributes } = await sessionStatus()
  const jar = await cookies()
  const value = jar.get(cookieName)?.value
  if (value !== undefined) jar.set(cookieName, flipBit(value), cookieAttributes)
  redirect('/cookie')
}
