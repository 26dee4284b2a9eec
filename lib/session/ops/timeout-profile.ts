import type { Limits } from '../core/limits'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** An assurance level and the time-outs it allows. NIST asks for more than these: how people sign in, for one. */
export interface Profile {
  readonly level: 'AAL1' | 'AAL2' | 'AAL3'
  readonly absoluteMs: number
  readonly idleMs: number
  /** Where NIST SP 800-63B-4 says so. */
  readonly section: string
}

/** NIST SP 800-63B-4 (July 2025), strictest first. AAL1 has no limit for inactivity. */
const profiles: readonly Profile[] = [
  { level: 'AAL3', absoluteMs: 12 * HOUR_MS, idleMs: 15 * MINUTE_MS, section: '2.3.3' },
  { level: 'AAL2', absoluteMs: DAY_MS, idleMs: HOUR_MS, section: '2.2.3' },
  { level: 'AAL1', absoluteMs: 30 * DAY_MS, idleMs: Infinity, section: '2.1.3' },
]

/** The strictest profile whose time-outs are met; undefined when sessions live longer than any of them allows. */
export function profileMet({
  idleMs,
  absoluteMs,
}: Pick<Limits, 'idleMs' | 'absoluteMs'>): Profile | undefined {
  const inactivityMs = Math.min(idleMs, absoluteMs)
  return profiles.find((profile) => absoluteMs <= profile.absoluteMs && inactivityMs <= profile.idleMs)
}

const units = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', 1000],
] as const

/** Milliseconds in words, exact to the millisecond: `1 hour 30 minutes`, `48 hours` for two days, `250 ms`. */
export function inWords(ms: number): string {
  if (ms === 0) return '0 seconds'
  const parts: string[] = []
  let rest = ms
  for (const [unit, length] of units) {
    if (unit === 'day' && ms < 3 * DAY_MS) continue // 24 hours says more than 1 day
    const n = Math.floor(rest / length)
    rest -= n * length
    if (n > 0) parts.push(n === 1 ? `1 ${unit}` : `${n} ${unit}s`)
  }
  if (rest > 0) parts.push(`${Math.round(rest)} ms`)
  return parts.join(' ')
}
