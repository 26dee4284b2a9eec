import { createHmac, timingSafeEqual } from 'node:crypto'
import { cookies } from 'next/headers'
import { demoApiSettings } from '@/app/api/session/settings'
import { sessionStatus } from '@/lib/session'

const MINUTES = 15

/** Kept outside the session, whose keys the demo API lets any visitor write. */
async function passCookie() {
  const { secure } = (await sessionStatus()).cookieAttributes
  return { secure, name: secure ? '__Secure-sess_admin' : 'sess_admin' } // no __Host-: it is for one path alone
}

/** `closed`: not even asked for; `locked`: asks for SESSION_ADMIN_TOKEN; `open`: in development, or once it was given. */
export async function sessionsAccess(): Promise<'closed' | 'locked' | 'open'> {
  const { development, adminToken } = await demoApiSettings()
  if (development) return 'open'
  if (adminToken === undefined) return 'closed'
  const { name } = await passCookie()
  const given = (await cookies()).get(name)?.value ?? ''
  const expiresAt = Number.parseInt(given, 10)
  return expiresAt > Date.now() && isSame(given, passOf(adminToken, expiresAt)) ? 'open' : 'locked'
}

/** Whether the token is the right one; this browser may then administer for a quarter of an hour. */
export async function unlockSessions(token: string): Promise<boolean> {
  const { adminToken } = await demoApiSettings()
  const expiresAt = Date.now() + MINUTES * 60_000
  const pass = passOf(token, expiresAt)
  if (adminToken === undefined || !isSame(pass, passOf(adminToken, expiresAt))) return false
  const { name, secure } = await passCookie()
  const attributes = { httpOnly: true, sameSite: 'strict', secure, maxAge: MINUTES * 60 } as const
  ;(await cookies()).set(name, pass, { ...attributes, path: '/sessions' })
  return true
}

/** What the cookie holds: until when, and a proof that the token was given. Whoever copies it learns no token. */
function passOf(token: string, expiresAt: number): string {
  return `${expiresAt}.${createHmac('sha256', token).update(`sess admin ${expiresAt}`).digest('base64url')}`
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
