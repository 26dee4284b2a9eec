import type { SessionConfig } from '../config/config'
import { type AppVariables, showVariables } from '../config/variables'
import type { SessionStore } from '../core/store'
import { canInspect, type Finding } from '../stores/abilities'
import { showPlace } from '../stores/choose'
import { reasonOf, SessionStoreError } from '../stores/errors'
import { createToken } from '../stores/tokens'
import { inWords, type Profile, profileMet } from './timeout-profile'

/** The value of one variable, and where it was set. Never a secret. */
export interface Setting {
  readonly name: string
  readonly value: string
  /** `default`, `environment`, or the file it comes from. */
  readonly from: string
}

export interface Limit {
  readonly text: string
  readonly name: string
  readonly from: string
}

/** How long each call of the store took, milliseconds. */
export interface RoundTrip {
  readonly create: number
  readonly load: number
  readonly touch: number
  readonly destroy: number
}

export interface DoctorReport {
  readonly mode: 'production' | 'development'
  readonly store: string
  readonly settings: readonly Setting[]
  readonly limits: readonly Limit[]
  readonly profile: Profile | undefined
  /** Remarks on the configuration. */
  readonly configuration: readonly Finding[]
  readonly roundTrip: RoundTrip | undefined
  readonly storeFindings: readonly Finding[]
  readonly warnings: number
  readonly problems: number
}

export interface DoctorOptions {
  readonly config: SessionConfig
  readonly store: SessionStore
  readonly now: () => number
  /** Where a variable was set; undefined when it was not, or is empty. */
  readonly sourceOf: (name: string) => string | undefined
  /** The app's own variables, shown after those of the library. */
  readonly appVariables?: AppVariables
}

/** Checks configuration and store. It creates one session in the store and destroys it; nothing else changes. */
export async function runDoctor({
  config,
  store,
  now,
  sourceOf,
  appVariables = {},
}: DoctorOptions): Promise<DoctorReport> {
  const from = (name: string) => sourceOf(name) ?? 'default'
  const configuration = inspectConfiguration(config)
  const { roundTrip, findings: storeFindings } = await inspectStore(store, now)
  const all = [...configuration, ...storeFindings]
  return {
    mode: config.production ? 'production' : 'development',
    store: config.store,
    settings: showVariables(config, appVariables).map(([name, value]) => ({ name, value, from: from(name) })),
    limits: limitsOf(config, from),
    profile: profileMet(config.limits),
    configuration,
    roundTrip,
    storeFindings,
    warnings: all.filter(({ level }) => level === 'warning').length,
    problems: all.filter(({ level }) => level === 'problem').length,
  }
}

/** An error for an operator: its message, and that of its cause. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const reason = reasonOf(error)
  return reason === '' ? error.message : `${error.message} ${reason}`
}

function limitsOf({ limits, cookie }: SessionConfig, from: (name: string) => string): Limit[] {
  const { idleMs, absoluteMs, touchMs, avoidTouch, epoch } = limits
  const limit = (name: string, text: string): Limit => ({ text, name, from: from(name) })
  const seen = avoidTouch ? 'last saved' : 'last seen'
  const touch =
    touchMs === 0 ? 'Every visit extends it.' : `Visits extend it at most once in ${inWords(touchMs)}.`
  const persist = cookie.persist
    ? 'Its cookie stays when the browser closes.'
    : 'Its cookie goes when the browser closes.'
  return [
    limit('SESSION_IDLE_SECONDS', `A session ends ${inWords(idleMs)} after it was ${seen}.`),
    limit(
      'SESSION_ABSOLUTE_SECONDS',
      `It ends ${inWords(absoluteMs)} after it began, however much it is used.`,
    ),
    avoidTouch
      ? limit('SESSION_AVOID_TOUCH', 'Visits do not extend it; only saving does.')
      : limit('SESSION_TOUCH_SECONDS', touch),
    limit('SESSION_COOKIE_PERSIST', persist),
    ...(epoch === 0
      ? []
      : [limit('SESSION_EPOCH', `Sessions made before ${new Date(epoch).toISOString()} have ended.`)]),
  ]
}

function inspectConfiguration(config: SessionConfig): Finding[] {
  const { secrets, limits, migrateFrom } = config
  const warning = (text: string): Finding => ({ level: 'warning', text })
  const findings = config.warnings.map(warning)
  if (!profileMet(limits)) {
    const rule = 'NIST SP 800-63B-4, section 2.1.3, advises 30 days at most, at any level'
    findings.push(
      warning(`Sessions live up to ${inWords(limits.absoluteMs)}; ${rule}. See SESSION_ABSOLUTE_SECONDS.`),
    )
  }
  if (secrets.length > 1) {
    const wait = inWords(limits.absoluteMs)
    const text = `An older secret still opens sessions. Remove it ${wait} after you added the newest.`
    findings.push({ level: 'ok', text })
  }
  if (migrateFrom) {
    const wait = inWords(limits.absoluteMs)
    const text = `Sessions move from ${showPlace(migrateFrom)}. Remove SESSION_MIGRATE_FROM ${wait} after you set it.`
    findings.push({ level: 'ok', text })
  }
  return findings
}

interface StoreInspection {
  readonly roundTrip: RoundTrip | undefined
  readonly findings: readonly Finding[]
}

/** Reads first. Writes only if the store reports no problem. */
async function inspectStore(store: SessionStore, now: () => number): Promise<StoreInspection> {
  const findings: Finding[] = []
  try {
    if (canInspect(store)) findings.push(...(await store.inspect())) // first: it knows why a call would fail, and what to do
    if (findings.some(({ level }) => level === 'problem')) return { roundTrip: undefined, findings }
    await store.load(createToken())
    const { times, problem } = await goRound(store, now)
    if (problem !== undefined) findings.push({ level: 'problem', text: problem })
    return { roundTrip: times, findings }
  } catch (error) {
    if (!(error instanceof SessionStoreError)) throw error
    return { roundTrip: undefined, findings: [...findings, { level: 'problem', text: explain(error) }] }
  }
}

const THROW_AWAY_MS = 60_000

async function goRound(
  store: SessionStore,
  now: () => number,
): Promise<{ times: RoundTrip; problem: string | undefined }> {
  const expiresAt = now() + THROW_AWAY_MS // should the destroy fail
  const record = { createdAt: now(), savedAt: now(), avoidTouch: false, data: new Map() }
  const [{ token }, create] = await timed(() => store.create(record, expiresAt))
  const [loaded, load] = await timed(() => store.load(token))
  const [touched, touch] = await timed(() => store.touch(token, expiresAt))
  const [, destroy] = await timed(() => store.destroy(token, undefined, 'unmarked'))
  const times = { create, load, touch, destroy }
  if ('refused' in loaded)
    return { times, problem: `A session that was just made could not be read: ${loaded.refused}.` }
  if (!touched) return { times, problem: 'A session that was just made could not be touched.' }
  const isKeptByStore = loaded.expiresAt !== null
  if (isKeptByStore && !('refused' in (await store.load(token))))
    return { times, problem: 'A session that was destroyed can still be read.' }
  return { times, problem: undefined }
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now()
  const result = await work()
  return [result, Math.round((performance.now() - start) * 10) / 10]
}
