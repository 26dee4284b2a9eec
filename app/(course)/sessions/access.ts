import { createHmac, timingSafeEqual } from 'node:crypto'
import { cookies } from 'next/headers'
import { demoApiSettings } from '@/app/(course)/api/session/settings'
import { sessionStatus } from '@/lib/session'

const MINUTES = 15

/** A cookie of its own and no key of the session, because visitors can write every key through the API. */
async function passCookie() {
  const { secure } = (await sessionStatus()).cookieAttributes
  return { secure, name: secure ? '__Secure-sess_admin' : 'sess_admin' } // no __Host-: it is for one path alone
}

/** `closed`: no token is set, so there is no such page. `locked`: asks for SESSION_ADMIN_TOKEN. `open`: shows the list. */
export async function sessionsAccess(): Promise<'closed' | 'locked' | 'open'> {
  const { development, adminToken } = await demoApiSettings()
  if (development) return 'open'
  if (adminToken === undefined) return 'closed'
  const { name } = await passCookie()
  const given = (await cookies()).get(name)?.value ?? ''
  const expiresAt = Number.parseInt(given, 10)
  return expiresAt > Date.now() && isSame(given, passOf(adminToken, expiresAt)) ? 'open' : 'locked'
}

/** Returns whether the token is right. If it is, this browser may use the page for a quarter of an hour. */
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

/** The cookie's value: its end, and a proof that the visitor had the token. The token cannot be read from it. */
function passOf(token: string, expiresAt: number): string {
  return `${expiresAt}.${createHmac('sha256', token).update(`sess admin ${expiresAt}`).digest('base64url')}`
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
