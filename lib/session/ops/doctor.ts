import type { SessionConfig, VariableName } from '../config/config'
import { reasonOf, SessionStoreError } from '../core/errors'
import { createKeyring, createToken } from '../core/keys'
import type { Finding, SessionStore } from '../core/store'
import type { Backend } from '../stores/choose'
import { redactUrl } from './redact'
import { inWords, type Profile, profileMet } from './timeout-profile'

/** What holds for one variable, and where that was said. Never a secret. */
export interface Setting {
  readonly name: VariableName
  readonly value: string
  /** `default`, `environment`, or the file it comes from. */
  readonly from: string
}

export interface Limit {
  readonly text: string
  readonly name: VariableName
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
  /** What the configuration gives reason to say. */
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
  readonly sourceOf: (name: VariableName) => string | undefined
}

/** Looks at everything and changes nothing that stays: a throw-away session is created in the store, and destroyed. */
export async function examine({ config, store, now, sourceOf }: DoctorOptions): Promise<DoctorReport> {
  const from = (name: VariableName) => sourceOf(name) ?? 'default'
  const configuration = configurationFindings(config)
  const { roundTrip, findings: storeFindings } = await examineStore(store, now)
  const all = [...configuration, ...storeFindings]
  return {
    mode: config.production ? 'production' : 'development',
    store: config.store,
    settings: settingsOf(config, from),
    limits: limitsOf(config, from),
    profile: profileMet(config.limits),
    configuration,
    roundTrip,
    storeFindings,
    warnings: all.filter(({ level }) => level === 'warning').length,
    problems: all.filter(({ level }) => level === 'problem').length,
  }
}

/** What an error means to an operator: its message, and that of its cause. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const reason = reasonOf(error)
  return reason === '' ? error.message : `${error.message} ${reason}`
}

/** In the order of README; the compiler sees to it that none is forgotten. */
const effective: { readonly [K in VariableName]: (config: SessionConfig) => string } = {
  SESSION_SECRET: ({ secrets, cookie }) => secretsInWords(secrets, cookie.name),
  SESSION_STORE: ({ store }) => store,
  SESSION_FILE_DIR: (config) => used(config, 'file', ({ directory }) => directory),
  DATABASE_URL: (config) =>
    used(
      config,
      'sqlite',
      ({ file }) => `file:${file}`,
      used(config, 'postgres', ({ url }) => redactUrl(url)),
    ),
  SESSION_CREATE_TABLE: ({ createTable }) => String(createTable),
  REDIS_URL: (config) => used(config, 'redis', ({ url }) => redactUrl(url)),
  MEMCACHED_SERVERS: (config) => used(config, 'memcached', ({ servers }) => servers.join(',')),
  SESSION_PREFIX: ({ prefix }) => prefix,
  SESSION_MIGRATE_FROM: ({ migrateFrom }) => (migrateFrom ? placeOf(migrateFrom) : 'none'),
  SESSION_MAX_BYTES: ({ maxBytes }) => String(maxBytes),
  SESSION_STORE_TIMEOUT_MS: ({ storeTimeoutMs }) => String(storeTimeoutMs),
  SESSION_COOKIE_NAME: ({ cookie }) => cookie.name,
  SESSION_COOKIE_SECURE: ({ cookie }) => String(cookie.secure),
  SESSION_COOKIE_SAMESITE: ({ cookie }) => cookie.sameSite,
  SESSION_COOKIE_DOMAIN: ({ cookie }) => cookie.domain ?? 'none: this host only',
  SESSION_COOKIE_PATH: ({ cookie }) => cookie.path,
  SESSION_COOKIE_PERSIST: ({ cookie }) => String(cookie.persist),
  SESSION_IDLE_SECONDS: ({ limits }) => String(limits.idleMs / 1000),
  SESSION_ABSOLUTE_SECONDS: ({ limits }) => String(limits.absoluteMs / 1000),
  SESSION_TOUCH_SECONDS: ({ limits }) => String(limits.touchMs / 1000),
  SESSION_AVOID_TOUCH: ({ limits }) => String(limits.avoidTouch),
  SESSION_SAVE_UNINITIALIZED: ({ saveUninitialized }) => String(saveUninitialized),
  SESSION_EPOCH: ({ limits }) => (limits.epoch === 0 ? 'none' : new Date(limits.epoch).toISOString()),
  SESSION_TRACE: ({ trace }) => String(trace),
  SESSION_DEMO_API: ({ demoApi }) => String(demoApi),
  SESSION_ADMIN_TOKEN: ({ adminToken }) => (adminToken ? `set, ${adminToken.length} characters` : 'none'),
}

function settingsOf(config: SessionConfig, from: (name: VariableName) => string): Setting[] {
  const names = Object.keys(effective) as VariableName[]
  return names.map((name) => ({ name, value: effective[name](config), from: from(name) }))
}

/** The value that belongs to a kind of backend, if the store or the old store is of that kind. */
function used<K extends Backend['kind']>(
  { backend, migrateFrom }: SessionConfig,
  kind: K,
  show: (backend: Extract<Backend, { kind: K }>) => string,
  otherwise = 'not used',
): string {
  const isOfKind = (each: Backend | undefined): each is Extract<Backend, { kind: K }> => each?.kind === kind
  if (isOfKind(backend)) return show(backend)
  return isOfKind(migrateFrom) ? show(migrateFrom) : otherwise
}

/** Where sessions are, without a password. */
export function placeOf(backend: Backend): string {
  switch (backend.kind) {
    case 'cookie':
    case 'memory':
      return backend.kind
    case 'file':
      return `file, in ${backend.directory}`
    case 'sqlite':
      return `database, file:${backend.file}`
    case 'postgres':
      return `database, ${redactUrl(backend.url)}`
    case 'redis':
      return `redis, ${redactUrl(backend.url)}`
    case 'memcached':
      return `memcached, ${backend.servers.join(',')}`
  }
}

/** A key id is no secret: every sealed cookie carries it. */
function secretsInWords(secrets: SessionConfig['secrets'], cookieName: string): string {
  return createKeyring(secrets, cookieName)
    .map(({ id }, index) => {
      const use = index === 0 ? 'signs and seals' : 'only opens'
      return `${secrets[index]?.length} characters, key ${id}, ${use}`
    })
    .join('; ')
}

function limitsOf({ limits, cookie }: SessionConfig, from: (name: VariableName) => string): Limit[] {
  const { idleMs, absoluteMs, touchMs, avoidTouch, epoch } = limits
  const limit = (name: VariableName, text: string): Limit => ({ text, name, from: from(name) })
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
      : [limit('SESSION_EPOCH', `Sessions made before ${new Date(epoch).toISOString()} are dead.`)]),
  ]
}

function configurationFindings(config: SessionConfig): Finding[] {
  const { production, demoApi, secrets, limits, migrateFrom } = config
  const warning = (text: string): Finding => ({ level: 'warning', text })
  const findings = config.warnings.map(warning)
  if (!profileMet(limits)) {
    const rule = 'NIST SP 800-63B-4, section 2.1.3, advises 30 days at most, at any level'
    findings.push(
      warning(`Sessions live up to ${inWords(limits.absoluteMs)}; ${rule}. See SESSION_ABSOLUTE_SECONDS.`),
    )
  }
  if (production && demoApi)
    findings.push(
      warning('SESSION_DEMO_API=true in production: anybody can write any key of their own session.'),
    )
  if (secrets.length > 1) {
    const wait = inWords(limits.absoluteMs)
    const text = `An older secret still opens sessions; take it out ${wait} after the newest was put in.`
    findings.push({ level: 'ok', text })
  }
  if (migrateFrom) {
    const wait = inWords(limits.absoluteMs)
    const text = `Sessions move from ${placeOf(migrateFrom)}; take SESSION_MIGRATE_FROM out ${wait} after it was put in.`
    findings.push({ level: 'ok', text })
  }
  return findings
}

interface StoreExamination {
  readonly roundTrip: RoundTrip | undefined
  readonly findings: readonly Finding[]
}

/** Reads first, and writes only where nothing speaks against it. */
async function examineStore(store: SessionStore, now: () => number): Promise<StoreExamination> {
  const findings: Finding[] = []
  try {
    findings.push(...((await store.inspect?.()) ?? [])) // first: it knows why a call would fail, and what to do
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
