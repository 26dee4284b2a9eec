import { isIP } from 'node:net'
import { z } from 'zod'
import { type CookieSettings, plainDomain } from '../core/cookies'
import { SessionConfigError } from '../core/errors'
import { type Limits, MAX_SKEW_MS } from '../core/limits'
import {
  type Backend,
  backendOf,
  backendToMigrateFrom,
  isSamePlace,
  type StoreName,
  storeNames,
} from '../stores/choose'
import { isGuessable, MIN_CHARACTERS } from './secrets'
import { edits, nearest } from './spelling'

/** Everything that the environment decides. Frozen; made by `readConfig` alone. */
export interface SessionConfig {
  readonly store: StoreName
  /** What that store works on. */
  readonly backend: Backend
  /** The old store, whose sessions move to this one as they are saved. */
  readonly migrateFrom: Backend | undefined
  /** What our keys in Redis, memcached and the database begin with: several apps can share one server. */
  readonly prefix: string
  /** Whether the database stores make their table when it is missing. */
  readonly createTable: boolean
  /** Newest first. */
  readonly secrets: readonly [string, ...string[]]
  readonly cookie: CookieSettings
  readonly limits: Limits
  /** The largest record, as text, that a store on the server keeps. */
  readonly maxBytes: number
  /** How long a store on the server may take to answer, milliseconds. */
  readonly storeTimeoutMs: number
  /** A first visit sets the cookie, also when nothing is saved. */
  readonly saveUninitialized: boolean
  /** Everything but `next dev` and unit tests. */
  readonly production: boolean
  /** Whether each request keeps an account of what it did with the session. */
  readonly trace: boolean
  /** The app's own variables (`appVariables`), as they were read; one that is not set is not in it. */
  readonly app: Readonly<Record<string, string | boolean>>
  /** What deserves a look but stops nothing. */
  readonly warnings: readonly string[]
}

/**
 * The app's own variables whose names begin with SESSION_, and how each is read. They are checked and reported with those
 * of the library. `boolean`: true or false; `secret`: at least 32 random characters, not guessable, not one of
 * SESSION_SECRET.
 */
export type AppVariables = Readonly<Record<string, 'boolean' | 'secret'>>

type Environment = Readonly<Record<string, string | undefined>> & { readonly NODE_ENV?: string | undefined }

/**
 * Reads and checks the session variables of an environment; an empty one counts as not set. `mode` is `development`,
 * `test` (unit tests), or production: that is what any other value means, such as `staging`, an empty one, or none.
 * @throws {SessionConfigError} with all the problems at once: variable, rule and an example for each
 */
export function readConfig(
  env: Environment,
  {
    now = Date.now(),
    mode = env.NODE_ENV,
    appVariables = {},
  }: { now?: number; mode?: string | undefined; appVariables?: AppVariables } = {},
): SessionConfig {
  const production = mode !== 'development' && mode !== 'test'
  const { values, problems } = parseVariables<Values>(variables, env)
  const app = parseVariables<SessionConfig['app']>(ownRules(appVariables), env)
  const names = checkNames(env, [...Object.keys(variables), ...Object.keys(appVariables)])
  const appSecrets = Object.entries(app.values).filter(([name]) => appVariables[name] === 'secret')
  const secrets = readSecrets(values.SESSION_SECRET, appSecrets, production)
  const cookie = readCookie(values, production)
  const limits = readLimits(values, now)
  const backends = readBackends(values)
  const warnings = [
    ...names.warnings,
    ...secrets.warnings,
    ...limits.warnings,
    ...cookie.warnings,
    ...(production ? productionWarnings(values) : []),
  ]
  const all = [
    problems,
    app.problems,
    names.problems,
    secrets.problems,
    cookie.problems,
    limits.problems,
    withMisspeltPlaces(backends.problems, values, env),
  ].flat()
  if (all.length > 0 || !secrets.value) throw new SessionConfigError(all, warnings)
  return Object.freeze({
    store: values.SESSION_STORE ?? 'cookie',
    backend: Object.freeze(backends.backend),
    migrateFrom: backends.migrateFrom && Object.freeze(backends.migrateFrom),
    prefix: values.SESSION_PREFIX ?? 'sess:',
    createTable: values.SESSION_CREATE_TABLE ?? true,
    secrets: secrets.value,
    cookie: Object.freeze(cookie.value),
    limits: Object.freeze(limits.value),
    maxBytes: values.SESSION_MAX_BYTES ?? DEFAULT_MAX_BYTES,
    storeTimeoutMs: values.SESSION_STORE_TIMEOUT_MS ?? 2000,
    saveUninitialized: values.SESSION_SAVE_UNINITIALIZED ?? false,
    production,
    trace: values.SESSION_TRACE ?? !production,
    app: Object.freeze(app.values),
    warnings: Object.freeze(warnings),
  })
}

let config: SessionConfig | undefined

/** The configuration of this process, read at the first call. @throws {SessionConfigError} */
export function getConfig(appVariables: AppVariables): SessionConfig {
  // Spelled out: Next puts the build's own mode in its place, so no variable of a server opens a production build.
  config ??= readConfig(process.env, { mode: process.env.NODE_ENV, appVariables })
  return config
}

const TEN_YEARS_SECONDS = 315_360_000
const DEFAULT_MAX_BYTES = 1_048_576
const LARGEST_MAX_BYTES = 67_108_864

const boolean = z.enum(['true', 'false']).transform((text) => text === 'true')
const seconds = (min: number) =>
  z
    .string()
    .regex(/^(?:0|[1-9]\d{0,9})$/)
    .transform(Number)
    .pipe(z.int().min(min).max(TEN_YEARS_SECONDS))
const secondsRule = (min: number) => `a whole number of seconds from ${min} to ${TEN_YEARS_SECONDS}`

/** Each variable: how it is read, the rule in words, an example. */
const variables = {
  SESSION_STORE: { schema: z.enum(storeNames), rule: `one of ${storeNames.join(', ')}`, example: 'cookie' },
  SESSION_SECRET: { schema: z.string(), rule: 'a random text', example: '' },
  SESSION_COOKIE_NAME: {
    // RFC 6265, section 4.1.1: a token of RFC 2616
    schema: z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/),
    rule: "1 to 64 letters, digits or !#$%&'*+-.^_`|~",
    example: 'sess',
  },
  SESSION_COOKIE_SECURE: { schema: boolean, rule: 'true or false', example: 'true' },
  SESSION_COOKIE_SAMESITE: {
    schema: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['lax', 'strict', 'none'])),
    rule: 'one of lax, strict, none',
    example: 'lax',
  },
  SESSION_COOKIE_DOMAIN: {
    schema: z.string().regex(/^\.?[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i),
    rule: 'a host name',
    example: 'example.com',
  },
  SESSION_COOKIE_PATH: {
    schema: z.string().regex(/^\/[\x21-\x2b\x2d-\x3a\x3c-\x7e]*$/),
    rule: 'a path that starts with /, of visible ASCII characters without , and ;',
    example: '/',
  },
  SESSION_COOKIE_PERSIST: { schema: boolean, rule: 'true or false', example: 'true' },
  SESSION_IDLE_SECONDS: { schema: seconds(1), rule: secondsRule(1), example: '3600' },
  SESSION_ABSOLUTE_SECONDS: { schema: seconds(1), rule: secondsRule(1), example: '86400' },
  SESSION_TOUCH_SECONDS: { schema: seconds(0), rule: secondsRule(0), example: '60' },
  SESSION_AVOID_TOUCH: { schema: boolean, rule: 'true or false', example: 'false' },
  SESSION_SAVE_UNINITIALIZED: { schema: boolean, rule: 'true or false', example: 'false' },
  SESSION_EPOCH: {
    schema: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
    rule: 'a time in ISO 8601 with its zone',
    example: '2026-01-31T12:00:00Z',
  },
  // What these say is checked where it is used: `DATABASE_URL` may belong to another part of the app.
  SESSION_MIGRATE_FROM: { schema: z.string(), rule: 'a store', example: 'cookie' },
  DATABASE_URL: { schema: z.string(), rule: 'a URL', example: 'file:./data/sessions.db' },
  REDIS_URL: { schema: z.string(), rule: 'a URL', example: 'redis://localhost:6379' },
  MEMCACHED_SERVERS: { schema: z.string(), rule: 'host:port', example: 'localhost:11211' },
  SESSION_FILE_DIR: { schema: z.string().regex(/^[^\0]+$/), rule: 'a directory', example: './data/sessions' },
  SESSION_PREFIX: {
    schema: z.string().regex(/^[\x21-\x7e]{1,64}$/),
    rule: '1 to 64 visible ASCII characters',
    example: 'sess:',
  },
  SESSION_CREATE_TABLE: { schema: boolean, rule: 'true or false', example: 'true' },
  SESSION_MAX_BYTES: {
    schema: z
      .string()
      .regex(/^[1-9]\d{0,8}$/)
      .transform(Number)
      .pipe(z.int().min(1024).max(LARGEST_MAX_BYTES)),
    rule: `a whole number of bytes from 1024 to ${LARGEST_MAX_BYTES}`,
    example: String(DEFAULT_MAX_BYTES),
  },
  SESSION_STORE_TIMEOUT_MS: {
    schema: z
      .string()
      .regex(/^[1-9]\d{0,5}$/)
      .transform(Number)
      .pipe(z.int().min(50).max(60_000)),
    rule: 'a whole number of milliseconds from 50 to 60000',
    example: '2000',
  },
  SESSION_TRACE: { schema: boolean, rule: 'true or false', example: 'false' },
} as const

export type VariableName = keyof typeof variables
type Values = { [K in VariableName]?: z.infer<(typeof variables)[K]['schema']> }

/** How a variable is read. An `example` that is empty says that the value is a secret. */
interface Rule {
  readonly schema: z.ZodType
  readonly rule: string
  readonly example: string
}

/** The rules of the app's own variables. */
function ownRules(appVariables: AppVariables): Record<string, Rule> {
  const rules = {
    boolean: { schema: boolean, rule: 'true or false', example: 'false' },
    secret: {
      schema: z.string().min(MIN_CHARACTERS),
      rule: `at least ${MIN_CHARACTERS} random characters`,
      example: '',
    },
  }
  return Object.fromEntries(Object.entries(appVariables).map(([name, kind]) => [name, rules[kind]]))
}

const HOW_TO_MAKE_ONE = 'make one with: openssl rand -base64 32'
const GUESSABLE = `can be guessed: it is made of words, sequences or repetitions; ${HOW_TO_MAKE_ONE}`

function parseVariables<V>(
  rules: Readonly<Record<string, Rule>>,
  env: Environment,
): { values: V; problems: string[] } {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, { schema, rule, example }] of Object.entries(rules)) {
    const text = env[name]?.trim()
    if (text === undefined || text === '') continue
    const result = schema.safeParse(text)
    if (result.success) values[name] = result.data
    else problems.push(problem(name, text, rule, example))
  }
  return { values: values as V, problems }
}

function problem(name: string, text: string, rule: string, example: string): string {
  if (example === '') return `${name} must be ${rule}; ${HOW_TO_MAKE_ONE}`
  return `${name} is ${JSON.stringify(text)}; it must be ${rule}, for example ${name}=${example}`
}

/**
 * A slip of a few letters would silently leave a limit at its default, so it stops the start. Words that both names begin
 * with do not count: SESSION_COOKIE_AGE of other software is no slip of SESSION_COOKIE_NAME.
 */
function isMisspelt(name: string, known: string): boolean {
  const words = known.split('_')
  const same = words.findIndex((word, index) => name.split('_')[index] !== word)
  const letters = words.slice(same).join('_').length
  return edits(name, known) <= Math.min(3, Math.floor(letters / 4))
}

const PREFIX = 'SESSION_'
/** Slips in the prefix itself, such as SESION_STORE; more would meet names of other software. */
const MAX_EDITS_OF_PREFIX = 2

function checkNames(env: Environment, known: readonly string[]): { problems: string[]; warnings: string[] } {
  const ours = known.filter((name) => name.startsWith(PREFIX))
  const problems: string[] = []
  const warnings: string[] = []
  for (const name of Object.keys(env)) {
    // X11 session managers set SESSION_MANAGER in every desktop terminal.
    if (known.includes(name) || name === 'SESSION_MANAGER') continue
    const isPrefixed = name.startsWith(PREFIX)
    // Upper case first: `session_store` is a slip too.
    const closest = nearest(isPrefixed ? name : name.toUpperCase(), isPrefixed ? known : ours)
    const isSlip = isPrefixed
      ? isMisspelt(name, closest)
      : /^se/i.test(name) && edits(name.toUpperCase(), closest) <= MAX_EDITS_OF_PREFIX
    const text = `${name} is no setting; the nearest is ${closest}`
    if (isSlip) problems.push(`${text}. Rename or remove it`)
    else if (isPrefixed) warnings.push(text)
  }
  return { problems, warnings }
}

const PLACES = [
  ['database', 'DATABASE_URL'],
  ['redis', 'REDIS_URL'],
  ['memcached', 'MEMCACHED_SERVERS'],
] as const

/** `problems`, and what a store needs that stands under a name such as DATABASE_ULR: SQLite's file would be opened. */
function withMisspeltPlaces(problems: readonly string[], values: Values, env: Environment): string[] {
  const stores: readonly (string | undefined)[] = [values.SESSION_STORE, values.SESSION_MIGRATE_FROM]
  return PLACES.reduce<string[]>(
    (all, [store, name]) => {
      if (values[name] !== undefined || !stores.includes(store)) return all
      const slip = Object.keys(env).find(
        (other) =>
          other !== name && !(other in variables) && env[other] && edits(other.toUpperCase(), name) <= 2,
      )
      if (slip === undefined) return all
      const others = all.filter((problem) => !problem.startsWith(`${name} is missing`))
      return [
        ...others,
        `${name} is missing, and ${slip} is set; did you mean ${name}? Rename it, or set both`,
      ]
    },
    [...problems],
  )
}

/** `weak` holds what production refuses; development says so as a warning: its secrets guard no real sessions. */
function readSecrets(
  text: string | undefined,
  appSecrets: readonly (readonly [name: string, value: string | boolean])[],
  production: boolean,
): { value?: SessionConfig['secrets']; problems: string[]; warnings: string[] } {
  const secrets = [...new Set(text?.split(',').map((secret) => secret.trim()))]
  const [newest, ...older] = secrets
  const problems: string[] = []
  const weak: string[] = []
  for (const [index, secret] of secrets.entries()) {
    const which =
      secrets.length === 1 ? 'SESSION_SECRET' : `SESSION_SECRET, secret ${index + 1} of ${secrets.length},`
    if (secret.length < MIN_CHARACTERS) {
      const rule = `must have at least ${MIN_CHARACTERS} characters`
      problems.push(
        `${which} has ${secret.length}; each secret ${rule} (newest first, comma-separated); ${HOW_TO_MAKE_ONE}`,
      )
    } else if (isGuessable(secret)) weak.push(`${which} ${GUESSABLE}`)
  }
  if (newest === undefined) {
    const remedy = production ? HOW_TO_MAKE_ONE : `set one in .env.local; ${HOW_TO_MAKE_ONE}`
    problems.push(`SESSION_SECRET is missing; ${remedy}`)
  }
  for (const [name, value] of appSecrets) {
    const own = String(value)
    if (isGuessable(own)) weak.push(`${name} ${GUESSABLE}`)
    const isShared = secrets
      .filter(({ length }) => length >= MIN_CHARACTERS)
      .some((secret) => secret.includes(own) || own.includes(secret))
    if (isShared) weak.push(`${name} must not be a secret of SESSION_SECRET; ${HOW_TO_MAKE_ONE}`)
  }
  if (production) problems.push(...weak)
  const warnings = production ? [] : weak.map((text) => `${text}. Production refuses it`)
  return { ...(newest !== undefined && { value: [newest, ...older] }), problems, warnings }
}

/** The rules of RFC 6265bis, sections 4.1.3 and 5.7: a browser drops a cookie that breaks one without a word. */
function readCookie(
  values: Values,
  production: boolean,
): { value: CookieSettings; problems: string[]; warnings: string[] } {
  const secure = values.SESSION_COOKIE_SECURE ?? production
  const sameSite = values.SESSION_COOKIE_SAMESITE ?? 'lax'
  const path = values.SESSION_COOKIE_PATH ?? '/'
  const domain = values.SESSION_COOKIE_DOMAIN
  const canBeHostPrefixed = secure && path === '/' && domain === undefined
  const securePrefix = canBeHostPrefixed ? '__Host-' : '__Secure-'
  const name = values.SESSION_COOKIE_NAME ?? (secure ? `${securePrefix}sess` : 'sess')
  const problems: string[] = []
  if (sameSite === 'none' && !secure) {
    problems.push(
      'SESSION_COOKIE_SAMESITE=none needs SESSION_COOKIE_SECURE=true; browsers refuse it otherwise',
    )
  }
  if (/^__Host-/i.test(name) && !canBeHostPrefixed) {
    const rule = 'needs SESSION_COOKIE_SECURE=true, SESSION_COOKIE_PATH=/ and no SESSION_COOKIE_DOMAIN'
    problems.push(
      `SESSION_COOKIE_NAME=${name} ${rule}, or another name, for example SESSION_COOKIE_NAME=sess`,
    )
  }
  if (/^__(?:Secure|Http)-/i.test(name) && !secure) {
    problems.push(`SESSION_COOKIE_NAME=${name} needs SESSION_COOKIE_SECURE=true, or another name`)
  }
  const persist = values.SESSION_COOKIE_PERSIST ?? true
  return {
    value: { name, secure, sameSite, path, domain, persist },
    problems,
    warnings: domainWarnings(domain),
  }
}

/** What browsers ignore (RFC 6265bis, section 5.7, steps 9 and 10): a whole top-level domain, and addresses. */
function domainWarnings(domain: string | undefined): string[] {
  const name = plainDomain(domain ?? '')
  const isAddress = isIP(name) !== 0
  if (domain === undefined || name === 'localhost' || (name.includes('.') && !isAddress)) return []
  const what = isAddress ? 'an address' : 'a single label'
  return [
    `SESSION_COOKIE_DOMAIN is ${what}, ${JSON.stringify(domain)}: browsers drop the session's cookies. ` +
      'Name a domain that you own, such as example.com, or leave it out for this host only',
  ]
}

function productionWarnings(values: Values): string[] {
  const warnings: string[] = []
  if (values.SESSION_STORE === 'memory') {
    warnings.push(
      'SESSION_STORE=memory forgets every session at a restart and belongs to one process; it is for development',
    )
  }
  if (values.SESSION_COOKIE_SECURE === false)
    warnings.push('SESSION_COOKIE_SECURE=false in production: the cookie also travels over plain http.')
  return warnings
}

function readBackends(values: Values): {
  backend: Backend
  migrateFrom: Backend | undefined
  problems: string[]
} {
  const chosen = backendOf(values.SESSION_STORE ?? 'cookie', values)
  const old = values.SESSION_MIGRATE_FROM
  const from = old === undefined ? undefined : backendToMigrateFrom(old, values)
  const problems = [chosen, from].flatMap((choice) => (choice && 'problem' in choice ? [choice.problem] : []))
  const backend: Backend = 'backend' in chosen ? chosen.backend : { kind: 'cookie' }
  const migrateFrom = from && 'backend' in from ? from.backend : undefined
  if (migrateFrom && isSamePlace(backend, migrateFrom)) {
    problems.push(
      'SESSION_MIGRATE_FROM names the very store that SESSION_STORE opens; it must be the one that sessions come from',
    )
  }
  return { backend, migrateFrom, problems }
}

const MAX_TOUCH_MS = 60_000

function readLimits(values: Values, now: number): { value: Limits; problems: string[]; warnings: string[] } {
  const idleMs = (values.SESSION_IDLE_SECONDS ?? 3600) * 1000
  const absoluteMs = (values.SESSION_ABSOLUTE_SECONDS ?? 86_400) * 1000
  const touchSeconds = values.SESSION_TOUCH_SECONDS
  const touchMs = touchSeconds === undefined ? Math.min(idleMs / 60, MAX_TOUCH_MS) : touchSeconds * 1000
  const problems: string[] = []
  if (touchMs >= idleMs) {
    const rule = `must be less than SESSION_IDLE_SECONDS (${idleMs / 1000}), or sessions end before they are touched`
    problems.push(`SESSION_TOUCH_SECONDS is ${touchSeconds}; it ${rule}`)
  }
  const epoch = values.SESSION_EPOCH ?? 0
  if (epoch > now + MAX_SKEW_MS) {
    problems.push(
      'SESSION_EPOCH is in the future: until then every session would be dead the moment it is made',
    )
  }
  const avoidTouch = values.SESSION_AVOID_TOUCH ?? false
  const warnings =
    idleMs <= absoluteMs
      ? []
      : [
          `SESSION_IDLE_SECONDS (${idleMs / 1000}) is longer than SESSION_ABSOLUTE_SECONDS (${absoluteMs / 1000}), ` +
            'so no session ever ends by being idle; lower the one or raise the other',
        ]
  return { value: { idleMs, absoluteMs, touchMs, avoidTouch, epoch }, problems, warnings }
}
