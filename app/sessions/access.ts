import { createHash, timingSafeEqual } from 'node:crypto'
import { cookies } from 'next/headers'
import { demoApiSettings } from '@/lib/session'

/** Kept outside the session, whose keys the demo API lets any visitor write. */
const COOKIE = 'sess_admin'
const MINUTES = 15

/** `closed`: not even asked for; `locked`: asks for SESSION_ADMIN_TOKEN; `open`: in development, or once it was given. */
export async function sessionsAccess(): Promise<'closed' | 'locked' | 'open'> {
  const { development, adminToken } = demoApiSettings()
  if (development) return 'open'
  if (adminToken === undefined) return 'closed'
  const given = (await cookies()).get(COOKIE)?.value ?? ''
  return isSame(given, passOf(adminToken)) ? 'open' : 'locked'
}

/** Whether the token is the right one; this browser may then administer for a quarter of an hour. */
export async function unlockSessions(token: string): Promise<boolean> {
  const { development, adminToken } = demoApiSettings()
  if (adminToken === undefined || !isSame(passOf(token), passOf(adminToken))) return false
  const attributes = {
    httpOnly: true,
    sameSite: 'strict',
    secure: !development,
    maxAge: MINUTES * 60,
  } as const
  ;(await cookies()).set(COOKIE, passOf(adminToken), { ...attributes, path: '/sessions' })
  return true
}

/** What the cookie holds: whoever copies it learns no token. */
function passOf(token: string): string {
  return createHash('sha256').update(`sess admin ${token}`).digest('base64url')
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
