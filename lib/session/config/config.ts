import { isIP } from 'node:net'
import type { CookieSettings } from '../core/cookies'
import { type Limits, MAX_SKEW_MS } from '../core/limits'
import type { StoreOptions } from '../stores/about'
import {
  aboutStore,
  type Choice,
  chooseOldStore,
  chooseStore,
  DEFAULT_STORE,
  installedStores,
  isSamePlace,
  type StoreValues,
  storeNames,
  storeVariables,
} from '../stores/choose'
import type { StoreSettings } from '../stores/context'
import { SessionConfigError } from '../stores/errors'
import { plainDomain } from './domain'
import { isGuessable, MIN_CHARACTERS } from './secrets'
import { edits, nearest } from './spelling'
import {
  type AppVariables,
  appRules,
  DEFAULT_MAX_BYTES,
  type Rule,
  type Values,
  variables,
} from './variables'

/** Everything that the environment decides. Frozen. Only `readConfig` makes it. */
export interface SessionConfig extends StoreSettings {
  /** What SESSION_STORE says, or its default. */
  readonly store: string
  /** Newest first. */
  readonly secrets: readonly [string, ...string[]]
  readonly cookie: CookieSettings
  readonly limits: Limits
  /** A first visit sets the cookie, also when nothing is saved. */
  readonly saveUninitialized: boolean
  /** Whether each request keeps a request trace. */
  readonly trace: boolean
  /** The app's own variables (`appVariables`), as they were read; one that is not set is not in it. */
  readonly app: Readonly<Record<string, string | boolean>>
  /** Settings that work but may be wrong. */
  readonly warnings: readonly string[]
}

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
  const app = parseVariables<SessionConfig['app']>(appRules(appVariables), env)
  const names = checkNames(env, appVariables)
  const appSecrets = Object.entries(app.values).filter(([name]) => appVariables[name] === 'secret')
  const secrets = readSecrets(values.SESSION_SECRET, appSecrets, production)
  const cookie = readCookie(values, production)
  const limits = readLimits(values, now)
  const stores = readStores(values, env)
  const warnings = [
    ...names.warnings,
    ...secrets.warnings,
    ...limits.warnings,
    ...cookie.warnings,
    ...(production ? productionWarnings(values, stores.value) : []),
  ]
  const all = [
    problems,
    stores.problems,
    app.problems,
    names.problems,
    secrets.problems,
    cookie.problems,
    limits.problems,
  ].flat()
  if (all.length > 0 || !secrets.value || !stores.value) throw new SessionConfigError(all, warnings)
  return Object.freeze({
    store: values.SESSION_STORE ?? DEFAULT_STORE,
    storeOptions: Object.freeze(stores.value),
    migrateFrom: stores.migrateFrom && Object.freeze(stores.migrateFrom),
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
  // Spelled out, because Next.js replaces it with the mode of the build: a server's environment cannot change that mode.
  config ??= readConfig(process.env, { mode: process.env.NODE_ENV, appVariables })
  return config
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
/** For slips in the prefix itself, such as SESION_STORE. With more edits, names of other software would match. */
const MAX_EDITS_OF_PREFIX = 2

function checkNames(
  env: Environment,
  appVariables: AppVariables,
): { problems: string[]; warnings: string[] } {
  const known = [...Object.keys(variables), ...storeVariables, ...Object.keys(appVariables)]
  const ours = known.filter((name) => name.startsWith(PREFIX))
  const problems: string[] = []
  const warnings: string[] = []
  for (const name of Object.keys(env)) {
    // X11 session managers set SESSION_MANAGER in every terminal of a desktop.
    if (known.includes(name) || name === 'SESSION_MANAGER') continue
    const isPrefixed = name.startsWith(PREFIX)
    // Upper case first: `session_store` is a slip too.
    const closest = nearest(isPrefixed ? name : name.toUpperCase(), isPrefixed ? known : ours)
    const isSlip = isPrefixed
      ? isMisspelt(name, closest)
      : /^se/i.test(name) && edits(name.toUpperCase(), closest) <= MAX_EDITS_OF_PREFIX
    const text = `${name} is not a setting; the nearest is ${closest}`
    if (isSlip) problems.push(`${text}. Rename or remove it`)
    else if (isPrefixed) warnings.push(text)
  }
  return { problems, warnings }
}

/** Production rejects a `weak` secret. Development only warns: its secrets protect no real sessions. */
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
  const warnings = production ? [] : weak.map((text) => `${text}. A production server does not start with it`)
  return { ...(newest !== undefined && { value: [newest, ...older] }), problems, warnings }
}

/** The rules of RFC 6265bis, sections 4.1.3 and 5.7: a browser silently drops a cookie that breaks one. */
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
      'SESSION_COOKIE_SAMESITE=none needs SESSION_COOKIE_SECURE=true; otherwise browsers reject the cookie',
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

function productionWarnings(values: Values, options: StoreOptions | undefined): string[] {
  const warnings: string[] = []
  const about = options && aboutStore(options)
  if (about?.developmentOnly) warnings.push(`SESSION_STORE=${about.name} ${about.developmentOnly}`)
  if (values.SESSION_COOKIE_SECURE === false)
    warnings.push('SESSION_COOKIE_SECURE=false in production: the cookie also travels over plain http.')
  return warnings
}

function readStores(
  { SESSION_STORE, SESSION_MIGRATE_FROM }: Values,
  env: Environment,
): { value: StoreOptions | undefined; migrateFrom: StoreOptions | undefined; problems: string[] } {
  const values = storeValues(env)
  const chosen = chooseInstalled('SESSION_STORE', SESSION_STORE, values)
  const old =
    SESSION_MIGRATE_FROM === undefined
      ? undefined
      : chooseInstalled('SESSION_MIGRATE_FROM', SESSION_MIGRATE_FROM, values)
  const problems = [chosen, old].flatMap((choice) => (choice && 'problem' in choice ? [choice.problem] : []))
  const value = 'options' in chosen ? chosen.options : undefined
  const migrateFrom = old && 'options' in old ? old.options : undefined
  if (value && migrateFrom && isSamePlace(value, migrateFrom)) {
    problems.push(
      'SESSION_MIGRATE_FROM names the same store as SESSION_STORE; it must be the store that sessions come from',
    )
  }
  const names = [SESSION_STORE, SESSION_MIGRATE_FROM]
  return { value, migrateFrom, problems: withMisspeltVariables(problems, names, values, env) }
}

function storeValues(env: Environment): StoreValues {
  return Object.fromEntries(storeVariables.map((name) => [name, env[name]?.trim() || undefined]))
}

/** The store that a variable names. A name that is neither known nor the slip of one may be a store that was left out. */
function chooseInstalled(
  variable: 'SESSION_STORE' | 'SESSION_MIGRATE_FROM',
  text: string | undefined,
  values: StoreValues,
): Choice {
  const name = text ?? DEFAULT_STORE
  const isName = /^[a-z][a-z0-9-]*$/.test(name)
  if (storeNames.includes(name)) return chooseStore(name, values)
  if (variable === 'SESSION_MIGRATE_FROM' && !isName) return chooseOldStore(name, values)
  const { rule } = variables.SESSION_STORE
  const closest = nearest(name.split(':', 1)[0] ?? '', storeNames)
  // A URL may hold a password.
  if (!/^[\w-]+$/.test(name))
    return { problem: `${variable} must be ${rule}, for example ${variable}=${closest}` }
  if (!isName || edits(name, closest) <= MAX_EDITS_OF_STORE)
    return { problem: problem(variable, name, rule, closest) }
  const where = text === undefined ? `${variable} is ${name} (the default)` : `${variable} is ${name}`
  // create-sess-app adds no store that is for development only.
  const remedy =
    name === 'memory'
      ? 'Choose another store, or copy stores/memory/ from the library and write its line in stores/installed.ts'
      : `If it was left out, add it with: npx create-sess-app add --store ${name}`
  return {
    problem: `${where}, but this copy of lib/session has no ${name} store (it has: ${storeNames.join(', ')}). ${remedy}`,
  }
}

const MAX_EDITS_OF_STORE = 2

/**
 * `problems`, and what a store needs that stands under a name such as DATABASE_ULR: without this, SQLite would open its
 * default file. A slip of a name that begins with SESSION_ is found by `checkNames`.
 */
function withMisspeltVariables(
  problems: readonly string[],
  stores: readonly (string | undefined)[],
  values: StoreValues,
  env: Environment,
): string[] {
  const named = installedStores.filter(({ name }) => stores.includes(name))
  const unset = new Set(named.flatMap((store) => Object.keys(store.variables)))
  let result = [...problems]
  for (const name of unset) {
    if (values[name] !== undefined || name.startsWith(PREFIX)) continue
    const slip = Object.keys(env).find(
      (other) => !isKnown(other) && env[other] && edits(other.toUpperCase(), name) <= 2,
    )
    if (slip === undefined) continue
    result = [
      ...result.filter((problem) => !problem.startsWith(`${name} is missing`)),
      `${name} is missing, and ${slip} is set; did you mean ${name}? Rename it, or set both`,
    ]
  }
  return result
}

function isKnown(name: string): boolean {
  return name in variables || storeVariables.includes(name)
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
    problems.push('SESSION_EPOCH is in the future: until then every session would end when it is created')
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
