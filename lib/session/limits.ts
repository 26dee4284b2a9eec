/** The time limits of all sessions. Milliseconds; `epoch` in epoch milliseconds. */
export interface Limits {
  readonly idleMs: number
  readonly absoluteMs: number
  /** A touch is due when this much time has passed since the last one; 0: at every request. */
  readonly touchMs: number
  /** No session is touched by itself. */
  readonly avoidTouch: boolean
  /** Sessions made before it are dead. */
  readonly epoch: number
}

/** When a session ends: its idle limit after it was last seen, or its absolute limit, whichever is first. */
export function expiryOf(createdAt: number, lastSeenAt: number, limits: Limits): number {
  return Math.min(lastSeenAt + limits.idleMs, createdAt + limits.absoluteMs)
}

/** Whether a session is inside both limits and not older than the epoch. At the limit itself it has ended. */
export function isLive(createdAt: number, lastSeenAt: number, now: number, limits: Limits): boolean {
  return createdAt >= limits.epoch && now < expiryOf(createdAt, lastSeenAt, limits)
}
