'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { flipBit } from '@/app/_live/cookie-parts'
import { getSession, sessionStatus } from '@/lib/session'

export async function begin() {
  const session = await getSession()
  session.set('cookie.word', 'sesame')
  await session.save()
  redirect('/cookie')
}

/** What somebody does who edits a cookie by hand. Done twice, the cookie is as it was. */
export async function flipOneBit() {
  const { cookieName, cookieAttributes } = await sessionStatus()
  const jar = await cookies()
  const value = jar.get(cookieName)?.value
  if (value !== undefined) jar.set(cookieName, flipBit(value), cookieAttributes)
  redirect('/cookie')
}
