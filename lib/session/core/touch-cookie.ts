import { firstDistinct } from './cookies'
import { isSigned, type Keyring, sign } from './keys'
import { isLive, isPastTime, type Limits } from './limits'

/**
 * What the touch cookie says: when this session was last seen. It carries no data and is a help, never an
 * authority: it counts only beside the session it names, and only while the session's own stamps allow.
 * Times in epoch milliseconds.
 */
export interface Touch {
  /** Public id of the session that it belongs to. */
  readonly publicId: string
  readonly createdAt: number
  readonly lastSeenAt: number
  /** Who wanted no automatic touches when it was made: nobody, this session, or the configuration for all. */
  readonly avoidedBy: AvoidedBy
}

export type AvoidedBy = 'none' | 'session' | 'all'

const AVOIDED_BY: readonly AvoidedBy[] = ['none', 'session', 'all']

/** What the proxy does with a touch cookie: slide it, leave it, or open the session to learn more. */
export type TouchDecision = { kind: 'slide'; touch: Touch } | { kind: 'leave' } | { kind: 'open' }

/** The cookie's value, `publicId.createdAt.lastSeenAt.flags.mac`, signed with the newest key. */
export function signTouch(touch: Touch, keyring: Keyring): string {
  const text = [
    touch.publicId,
    touch.createdAt.toString(36),
    touch.lastSeenAt.toString(36),
    AVOIDED_BY.indexOf(touch.avoidedBy),
  ].join('.')
  return `${text}.${sign(text, keyring[0].touchKey)}`
}

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
  const match = value?.match(/^([\w-]{1,64})\.([0-9a-z]{1,11})\.([0-9a-z]{1,11})\.([012])\.([\w-]{22})$/)
  if (!match) return undefined
  const [, ownPublicId = '', createdAt = '', lastSeenAt = '', flag, mac = ''] = match
  const text = `${ownPublicId}.${createdAt}.${lastSeenAt}.${flag}`
  if (ownPublicId !== publicId) return undefined
  if (
    !isSigned(
      text,
      mac,
      keyring.map(({ touchKey }) => touchKey),
    )
  )
    return undefined
  const times = [parseInt(createdAt, 36), parseInt(lastSeenAt, 36)] as const
  if (!times.every((time) => isPastTime(time, now))) return undefined
  return {
    publicId,
    createdAt: times[0],
    lastSeenAt: times[1],
    avoidedBy: AVOIDED_BY[Number(flag)] ?? 'none',
  }
}

/** The last of the touches that verify for this session; several cookies of the name may have been sent. */
export function latestTouch(
  values: readonly string[],
  publicId: string,
  keyring: Keyring,
  now: number,
): Touch | undefined {
  const touches = firstDistinct(values).flatMap((value) => readTouch(value, publicId, keyring, now) ?? [])
  return touches.reduce<Touch | undefined>(
    (latest, touch) => (latest && latest.lastSeenAt >= touch.lastSeenAt ? latest : touch),
    undefined,
  )
}

/** What to do about `touch` at `now`. A touch that says nothing useful, or says "ended", makes the proxy look. */
export function decideTouch(touch: Touch | undefined, now: number, limits: Limits): TouchDecision {
  if (limits.avoidTouch) return { kind: 'leave' }
  if (!touch || !isLive(touch.createdAt, touch.lastSeenAt, now, limits)) return { kind: 'open' }
  const isDue = touch.avoidedBy !== 'session' && now - touch.lastSeenAt >= limits.touchMs
  return isDue ? { kind: 'slide', touch } : { kind: 'leave' }
}

/**
 * When the session was last seen, from what its record says and a touch that was verified beside it. A session that
 * avoids touch lives from its last save: only touches made under that choice count, so an older one, sent again,
 * cannot prolong it.
 */
export function lastSeen(savedAt: number, avoidTouch: boolean, touch: Touch | undefined): number {
  if (!touch || (avoidTouch && touch.avoidedBy === 'none')) return savedAt
  return Math.max(savedAt, touch.lastSeenAt)
}
