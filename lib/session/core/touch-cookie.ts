import type { SessionContext } from './context'
import { attributesFor, firstDistinct, touchCookieName } from './cookies'
import { isSigned, type Keyring, publicIdOf, sign } from './keys'
import { isPastTime, type Times } from './limits'

/**
 * What the touch cookie says: when this session was last seen. It holds no data and proves nothing by itself: it counts
 * only beside the session that it names, and only inside the limits of that session. Times in epoch milliseconds.
 */
export interface Touch {
  /** Public id of the session that it belongs to. */
  readonly publicId: string
  readonly createdAt: number
  readonly lastSeenAt: number
  /** What switched automatic touches off when it was made: nothing, this session, or the configuration for all. */
  readonly avoidedBy: (typeof AVOIDED_BY)[number]
}

const AVOIDED_BY = ['none', 'session', 'all'] as const

/** Sends the touch cookie of a session. */
export function sendTouch(
  { jar, cookie, keyring, now }: SessionContext,
  token: string,
  { createdAt, lastSeenAt, expiresAt }: Times,
  avoidedBy: Touch['avoidedBy'],
): void {
  const value = signTouch({ publicId: publicIdOf(token), createdAt, lastSeenAt, avoidedBy }, keyring)
  jar.set(touchCookieName(cookie), value, attributesFor(cookie, expiresAt - now()))
}

/** The cookie's value, `publicId.createdAt.lastSeenAt.flag.mac`, signed with the newest key. */
export function signTouch(touch: Touch, keyring: Keyring): string {
  const times = [touch.createdAt.toString(36), touch.lastSeenAt.toString(36)]
  const text = [touch.publicId, ...times, AVOIDED_BY.indexOf(touch.avoidedBy)].join('.')
  return `${text}.${sign(text, keyring[0].touchKey)}`
}

const FORM = /^(([\w-]{1,64})\.([0-9a-z]{1,11})\.([0-9a-z]{1,11})\.([012]))\.([\w-]{22})$/

/**
 * The touch of a cookie value; undefined when it is missing, malformed, forged, or another session's. A time that `Date`
 * cannot hold, or that lies in the future of `now`, is malformed.
 */
export function readTouch(
  value: string | undefined,
  publicId: string,
  keyring: Keyring,
  now: number,
): Touch | undefined {
  const [, text = '', ownPublicId, created = '', seen = '', flag, mac = ''] = value?.match(FORM) ?? []
  const keys = keyring.map(({ touchKey }) => touchKey)
  if (ownPublicId !== publicId || !isSigned(text, mac, keys)) return undefined
  const [createdAt, lastSeenAt] = [parseInt(created, 36), parseInt(seen, 36)]
  if (!isPastTime(createdAt, now) || !isPastTime(lastSeenAt, now)) return undefined
  return { publicId, createdAt, lastSeenAt, avoidedBy: AVOIDED_BY[Number(flag)] ?? 'none' }
}

/** The latest of the touches that verify for this session; several cookies of the name may have been sent. */
export function latestTouch(
  values: readonly string[],
  publicId: string,
  keyring: Keyring,
  now: number,
): Touch | undefined {
  const touches = firstDistinct(values).flatMap((value) => readTouch(value, publicId, keyring, now) ?? [])
  return touches.sort((one, other) => other.lastSeenAt - one.lastSeenAt)[0]
}

/**
 * When the session was last seen, from its last save and a touch that verified. A session that avoids touch lives from
 * its last save: a touch made before that choice does not count, so sending an old cookie again cannot prolong it.
 */
export function lastSeen(savedAt: number, avoidTouch: boolean, touch: Touch | undefined): number {
  if (!touch || (avoidTouch && touch.avoidedBy === 'none')) return savedAt
  return Math.max(savedAt, touch.lastSeenAt)
}
