import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'

/** Where a store keeps its records, and all that is needed to open it. Made from the environment, see `config/config.ts`. */
export type Backend =
  | { readonly kind: 'cookie' }
  | { readonly kind: 'memory' }
  | { readonly kind: 'file'; readonly directory: string }
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'memcached'; readonly servers: readonly string[] }

/** What SESSION_STORE can be; `database` is SQLite or PostgreSQL, as DATABASE_URL says. */
export const storeNames = ['cookie', 'file', 'database', 'redis', 'memcached', 'memory'] as const
export type StoreName = (typeof storeNames)[number]

export interface BackendVariables {
  readonly SESSION_FILE_DIR?: string | undefined
  readonly DATABASE_URL?: string | undefined
  readonly REDIS_URL?: string | undefined
  readonly MEMCACHED_SERVERS?: string | undefined
}

/** `problem` is made for a person and never repeats a URL: it may hold a password. */
type Choice = { readonly backend: Backend } | { readonly problem: string }

const DEFAULT_DATABASE_URL = 'file:./data/sessions.db'
const DEFAULT_MEMCACHED_PORT = 11211
const DATABASE_RULE =
  'file: and a path (SQLite), for example file:./data/sessions.db, or postgres://user:password@host:5432/name; ' +
  'with a Unix socket postgres://user:password@/name?host=/var/run/postgresql'
const REDIS_RULE = 'redis:// or, with TLS, rediss://, for example redis://localhost:6379'
const MEMCACHED_RULE =
  'host:port, several separated by commas, for example cache1.internal:11211,cache2.internal:11211; ' +
  'a server with an IPv6 address goes by its name'

/** The backend of a store's name, from the variables that belong to it; those of other stores are not looked at. */
export function backendOf(name: StoreName, variables: BackendVariables): Choice {
  const { SESSION_FILE_DIR, DATABASE_URL, REDIS_URL, MEMCACHED_SERVERS } = variables
  switch (name) {
    case 'cookie':
    case 'memory':
      return { backend: { kind: name } }
    case 'file':
      return { backend: { kind: 'file', directory: SESSION_FILE_DIR ?? './data/sessions' } }
    case 'database':
      return database(DATABASE_URL ?? DEFAULT_DATABASE_URL) ?? refused('DATABASE_URL', DATABASE_RULE)
    case 'redis':
      if (REDIS_URL === undefined) return missing('REDIS_URL', name, REDIS_RULE)
      return redis(REDIS_URL) ?? refused('REDIS_URL', REDIS_RULE)
    case 'memcached':
      if (MEMCACHED_SERVERS === undefined) return missing('MEMCACHED_SERVERS', name, MEMCACHED_RULE)
      return memcached(MEMCACHED_SERVERS) ?? refused('MEMCACHED_SERVERS', MEMCACHED_RULE)
  }
}

/** The backend that SESSION_MIGRATE_FROM names: a store, by name with its own variables, or by a URL. */
export function backendToMigrateFrom(text: string, variables: BackendVariables): Choice {
  const name = storeNames.find((known) => known === text)
  if (name) return backendOf(name, variables)
  const servers = /^memcached:\/\/(.*)$/.exec(text)?.[1]
  const choice =
    fileDirectory(text) ??
    database(text) ??
    redis(text) ??
    (servers === undefined ? undefined : memcached(servers))
  return choice ?? refused('SESSION_MIGRATE_FROM', MIGRATE_RULE)
}

const MIGRATE_RULE =
  `one of ${storeNames.join(', ')}, or the URL of the old store: file:./old-sessions/ (a directory of the file ` +
  'store, with / at its end), file:./old.db (SQLite), postgres://…, redis://…, memcached://host:port'

function database(url: string): Choice | undefined {
  const file = pathOf(url)
  if (file !== undefined && !file.endsWith('/') && file !== ':memory:')
    return { backend: { kind: 'sqlite', file } }
  return postgresPlace(url) && { backend: { kind: 'postgres', url } }
}

/**
 * Host, port and database as `pg` reads them (its pg-connection-string), which takes more than URLs: a user before an
 * empty host, `socket:/directory?db=name`, and `/directory name`. Undefined when it is none for PostgreSQL.
 */
function postgresPlace(text: string): [host: string, port: string, database: string] | undefined {
  const [, directory, name] = /^(\/\S+) (\S+)$/.exec(text) ?? []
  if (directory !== undefined && name !== undefined) return [withoutSlash(directory), '5432', name]
  if (!/^(?:postgres(?:ql)?:\/\/|socket:\/)./.test(text)) return undefined
  const url = URL.parse(text) ?? URL.parse(text.replace('@/', '@localhost/'))
  if (!url) return undefined
  const { hostname, pathname, searchParams } = url
  if (url.protocol === 'socket:')
    return [withoutSlash(decoded(pathname)), '5432', searchParams.get('db') ?? '']
  const host = searchParams.get('host') || decoded(hostname).toLowerCase() || 'localhost'
  const port = searchParams.get('port') || url.port || '5432'
  return [host.startsWith('/') ? withoutSlash(host) : host, port, decoded(pathname.slice(1))]
}

function withoutSlash(directory: string): string {
  return directory.replace(/(?<=.)\/+$/, '')
}

function decoded(text: string): string {
  return isPercentEncoded(text) ? decodeURIComponent(text) : text
}

function fileDirectory(url: string): Choice | undefined {
  const directory = pathOf(url)
  return directory?.endsWith('/') ? { backend: { kind: 'file', directory } } : undefined
}

/** Whether two backends are one place, however it is written. Another name of the same host is not found out. */
export function isSamePlace(one: Backend, other: Backend): boolean {
  return isDeepStrictEqual(placeOf(one), placeOf(other))
}

function placeOf(backend: Backend): unknown[] {
  switch (backend.kind) {
    case 'cookie':
    case 'memory':
      return [backend.kind]
    case 'file':
      return [backend.kind, resolve(backend.directory)]
    case 'sqlite':
      return [backend.kind, resolve(backend.file)]
    case 'postgres':
      return [backend.kind, ...(postgresPlace(backend.url) ?? [backend.url])]
    case 'redis':
      return [backend.kind, ...redisAddress(backend.url)]
    case 'memcached':
      return [backend.kind, ...backend.servers]
  }
}

/** Host, port and number: who signs in there makes no other place of it. */
function redisAddress(url: string): string[] {
  const { hostname, port, pathname } = new URL(url)
  return [hostname.toLowerCase(), port || '6379', pathname.replace(/^\/$/, '') || '/0']
}

/** The path of a `file:` URL; beside `file:///absolute` also `file:./relative`, as other tools write it. */
function pathOf(url: string): string | undefined {
  if (!url.startsWith('file:') || /[?#\0]/.test(url)) return undefined
  if (!url.startsWith('file://')) return url.slice('file:'.length) || undefined
  try {
    return fileURLToPath(url)
  } catch {
    return undefined // another host's file
  }
}

function redis(url: string): Choice | undefined {
  if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url)) return undefined
  const { pathname, username, password } = new URL(url)
  const isUsable = /^\/?\d*$/.test(pathname) && isPercentEncoded(username) && isPercentEncoded(password)
  return isUsable ? { backend: { kind: 'redis', url } } : undefined
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** The order of the list has no meaning, so it is brought into one. No IPv6 literals: the client cannot take them. */
function memcached(list: string): Choice | undefined {
  const servers = list.split(',').map((server) => {
    const match = server
      .trim()
      .toLowerCase()
      .match(/^([a-z0-9._-]+)(?::(\d{1,5}))?$/)
    const port = Number(match?.[2] ?? DEFAULT_MEMCACHED_PORT)
    return match && port > 0 && port < 65_536 ? `${match[1]}:${port}` : undefined
  })
  if (servers.length === 0 || servers.some((server) => !server)) return undefined
  return { backend: { kind: 'memcached', servers: [...new Set(servers as string[])].sort() } }
}

function refused(variable: string, rule: string): Choice {
  return { problem: `${variable} must be ${rule}` }
}

function missing(variable: string, store: StoreName, rule: string): Choice {
  return { problem: `${variable} is missing; SESSION_STORE=${store} needs it: ${rule}` }
}
