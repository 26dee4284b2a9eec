import { z } from 'zod'
import { createKeyring } from '../core/keys'
import type { StoreOptions } from '../stores/about'
import { aboutStore, DEFAULT_STORE, showPlace, storeNames, storeVariables } from '../stores/choose'
import type { SessionConfig } from './config'
import { MIN_CHARACTERS } from './secrets'

/** An environment variable: how it is read, and what its value must be. */
export interface Rule {
  readonly schema: z.ZodType
  /** What stands after "it must be". */
  readonly rule: string
  /** Empty: the value is a secret. */
  readonly example: string
}

interface Variable extends Rule {
  /** What doctor shows. Never a secret. */
  show(config: SessionConfig): string
}

/**
 * The app's own variables whose names begin with SESSION_, and how each is read. They are checked and reported with those
 * of the library. `boolean`: true or false; `secret`: at least 32 random characters, not guessable, not one of
 * SESSION_SECRET.
 */
export type AppVariables = Readonly<Record<string, 'boolean' | 'secret'>>

const TEN_YEARS_SECONDS = 315_360_000
export const DEFAULT_MAX_BYTES = 1_048_576
const LARGEST_MAX_BYTES = 67_108_864

const boolean = z.enum(['true', 'false']).transform((text) => text === 'true')
const whole = (digits: number, min: number, max: number) =>
  z
    .string()
    .regex(new RegExp(`^(?:0|[1-9]\\d{0,${digits - 1}})$`))
    .transform(Number)
    .pipe(z.int().min(min).max(max))

const yesOrNo = { schema: boolean, rule: 'true or false' }
const seconds = (min: number) => ({
  schema: whole(10, min, TEN_YEARS_SECONDS),
  rule: `a whole number of seconds from ${min} to ${TEN_YEARS_SECONDS}`,
})

/** In the order of the docs. The variables of a store are in its `about.ts`. */
export const variables = {
  SESSION_SECRET: {
    schema: z.string(),
    rule: 'a random text',
    example: '',
    show: ({ secrets, cookie }) => showSecrets(secrets, cookie.name),
  },
  // Which names there are depends on the stores that are installed: `config.ts` checks it.
  SESSION_STORE: {
    schema: z.string(),
    rule: `one of ${storeNames.join(', ')}`,
    example: DEFAULT_STORE,
    show: ({ store }) => store,
  },
  SESSION_MIGRATE_FROM: {
    schema: z.string(),
    rule: 'a store, or its URL',
    example: DEFAULT_STORE,
    show: ({ migrateFrom }) => (migrateFrom ? showPlace(migrateFrom) : 'none'),
  },
  SESSION_CREATE_TABLE: { ...yesOrNo, example: 'true', show: ({ createTable }) => String(createTable) },
  SESSION_PREFIX: {
    schema: z.string().regex(/^[\x21-\x7e]{1,64}$/),
    rule: '1 to 64 visible ASCII characters',
    example: 'sess:',
    show: ({ prefix }) => prefix,
  },
  SESSION_MAX_BYTES: {
    schema: whole(9, 1024, LARGEST_MAX_BYTES),
    rule: `a whole number of bytes from 1024 to ${LARGEST_MAX_BYTES}`,
    example: String(DEFAULT_MAX_BYTES),
    show: ({ maxBytes }) => String(maxBytes),
  },
  SESSION_STORE_TIMEOUT_MS: {
    schema: whole(6, 50, 60_000),
    rule: 'a whole number of milliseconds from 50 to 60000',
    example: '2000',
    show: ({ storeTimeoutMs }) => String(storeTimeoutMs),
  },
  SESSION_COOKIE_NAME: {
    // RFC 6265, section 4.1.1: a token of RFC 2616
    schema: z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/),
    rule: "1 to 64 letters, digits or !#$%&'*+-.^_`|~",
    example: 'sess',
    show: ({ cookie }) => cookie.name,
  },
  SESSION_COOKIE_SECURE: { ...yesOrNo, example: 'true', show: ({ cookie }) => String(cookie.secure) },
  SESSION_COOKIE_SAMESITE: {
    schema: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['lax', 'strict', 'none'])),
    rule: 'one of lax, strict, none',
    example: 'lax',
    show: ({ cookie }) => cookie.sameSite,
  },
  SESSION_COOKIE_DOMAIN: {
    schema: z.string().regex(/^\.?[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i),
    rule: 'a host name',
    example: 'example.com',
    show: ({ cookie }) => cookie.domain ?? 'none: this host only',
  },
  SESSION_COOKIE_PATH: {
    schema: z.string().regex(/^\/[\x21-\x2b\x2d-\x3a\x3c-\x7e]*$/),
    rule: 'a path that starts with /, of visible ASCII characters without , and ;',
    example: '/',
    show: ({ cookie }) => cookie.path,
  },
  SESSION_COOKIE_PERSIST: { ...yesOrNo, example: 'true', show: ({ cookie }) => String(cookie.persist) },
  SESSION_IDLE_SECONDS: { ...seconds(1), example: '3600', show: ({ limits }) => inSeconds(limits.idleMs) },
  SESSION_ABSOLUTE_SECONDS: {
    ...seconds(1),
    example: '86400',
    show: ({ limits }) => inSeconds(limits.absoluteMs),
  },
  SESSION_TOUCH_SECONDS: { ...seconds(0), example: '60', show: ({ limits }) => inSeconds(limits.touchMs) },
  SESSION_AVOID_TOUCH: { ...yesOrNo, example: 'false', show: ({ limits }) => String(limits.avoidTouch) },
  SESSION_SAVE_UNINITIALIZED: {
    ...yesOrNo,
    example: 'false',
    show: ({ saveUninitialized }) => String(saveUninitialized),
  },
  SESSION_EPOCH: {
    schema: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
    rule: 'a time in ISO 8601 with its zone',
    example: '2026-01-31T12:00:00Z',
    show: ({ limits }) => (limits.epoch === 0 ? 'none' : new Date(limits.epoch).toISOString()),
  },
  SESSION_TRACE: { ...yesOrNo, example: 'false', show: ({ trace }) => String(trace) },
} satisfies Record<string, Variable>

/** What the variables above make of an environment. */
export type Values = { [K in keyof typeof variables]?: z.infer<(typeof variables)[K]['schema']> }

/** The rules of the app's own variables. */
export function appRules(appVariables: AppVariables): Record<string, Rule> {
  const rules = {
    boolean: { ...yesOrNo, example: 'false' },
    secret: {
      schema: z.string().min(MIN_CHARACTERS),
      rule: `at least ${MIN_CHARACTERS} random characters`,
      example: '',
    },
  }
  return Object.fromEntries(Object.entries(appVariables).map(([name, kind]) => [name, rules[kind]]))
}

type Row = readonly [name: string, value: string]

/** Each variable with the value that holds: in the order of the docs, those of the store after SESSION_STORE, those of the app last. */
export function showVariables(config: SessionConfig, appVariables: AppVariables): Row[] {
  const own = Object.entries<Variable>(variables).flatMap(([name, { show }]) => {
    const row: Row = [name, show(config)]
    return name === 'SESSION_STORE' ? [row, ...showStoreVariables(config)] : [row]
  })
  const ofApp = Object.entries(appVariables).map(
    ([name, kind]): Row => [name, showOfApp(kind, config.app[name])],
  )
  return [...own, ...ofApp]
}

function showOfApp(kind: AppVariables[string], value: string | boolean | undefined): string {
  if (value === undefined) return kind === 'secret' ? 'none' : 'not set'
  return kind === 'secret' ? `set, ${String(value).length} characters` : String(value)
}

function showStoreVariables({ storeOptions, migrateFrom }: SessionConfig): Row[] {
  const showAll = (options: StoreOptions | undefined) => options && aboutStore(options).show(options)
  const values = { ...showAll(migrateFrom), ...showAll(storeOptions) }
  return storeVariables.map((name) => [name, values[name] ?? 'not used'])
}

/** A key id is no secret: every sealed cookie carries it. */
function showSecrets(secrets: SessionConfig['secrets'], cookieName: string): string {
  return createKeyring(secrets, cookieName)
    .map(({ id }, index) => {
      const use = index === 0 ? 'signs and seals' : 'only opens'
      return `${secrets[index]?.length} characters, key ${id}, ${use}`
    })
    .join('; ')
}

function inSeconds(ms: number): string {
  return String(ms / 1000)
}
