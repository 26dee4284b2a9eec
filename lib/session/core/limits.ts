/** The time limits of all sessions. Milliseconds; `epoch` in epoch milliseconds. */
export interface Limits {
  readonly idleMs: number
  readonly absoluteMs: number
  /** A touch is due when this much time has passed since the last one; 0: at every request. */
  readonly touchMs: number
  /** No session is touched automatically. */
  readonly avoidTouch: boolean
  /** Sessions that began before it have ended. */
  readonly epoch: number
}

/** When a session began, was last seen, and ends. Epoch milliseconds. */
export interface Times {
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
}

/** How far another server's clock may be ahead of this one's. We never stored a time that lies further in the future. */
export const MAX_SKEW_MS = 60_000

/** How long a store remembers that `destroy` or `regenerate` ended a token: late requests still carry it. */
export const ENDED_MS = 60_000

/** The last moment that a `Date` can hold (ECMA-262, "Time Values and Time Range"). */
const LAST_TIME = 8.64e15

/** Whether a value is a moment since 1970 that a `Date` can hold, in epoch milliseconds. */
export function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= LAST_TIME
}

/** Whether a value is a time that can have been stored by `now`, with `MAX_SKEW_MS` allowed. */
export function isPastTime(value: unknown, now: number): value is number {
  return isTime(value) && value <= now + MAX_SKEW_MS
}

/** When a session ends: its idle limit after it was last seen, or its absolute limit, whichever is first. */
export function expiryOf(createdAt: number, lastSeenAt: number, limits: Limits): number {
  return Math.min(lastSeenAt + limits.idleMs, createdAt + limits.absoluteMs)
}

/** Whether a session is inside both limits and not older than the epoch. At the limit itself it has ended. */
export function isLive(createdAt: number, lastSeenAt: number, now: number, limits: Limits): boolean {
  return createdAt >= limits.epoch && now < expiryOf(createdAt, lastSeenAt, limits)
}
