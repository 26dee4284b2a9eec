export type StoreId = 'cookie' | 'file' | 'sqlite' | 'postgres' | 'redis' | 'memcached'

export interface StoreChoice {
  readonly id: StoreId
  readonly label: string
  /** What sessions live in, in a sentence. */
  readonly place: string
  /** One honest line. */
  readonly hint: string
  /** What SESSION_STORE calls it. */
  readonly variable: 'cookie' | 'file' | 'database' | 'redis' | 'memcached'
  /** The files of `lib/session` that only this store needs; a file may belong to two. */
  readonly files: readonly string[]
  readonly packages: readonly string[]
  readonly typePackages: readonly string[]
  /** The server it needs, as `scripts/servers.mjs` calls it, and the variable that names one. */
  readonly server?: { readonly name: string; readonly variable: string; readonly example: string }
}

export const STORES: readonly StoreChoice[] = [
  {
    id: 'cookie',
    label: 'Cookie',
    place: 'a sealed cookie',
    hint: 'sealed in the browser; no server; 2,800 bytes; the last writer wins',
    variable: 'cookie',
    files: ['openers/cookie.ts', 'stores/cookie.ts'],
    packages: ['iron-session'],
    typePackages: [],
  },
  {
    id: 'file',
    label: 'Files',
    place: 'files',
    hint: 'a file for each; one machine or a shared disk; not on Windows',
    variable: 'file',
    files: ['openers/file.ts', 'stores/file.ts', 'file-lock.ts', 'file-survey.ts', 'file-trust.ts'],
    packages: [],
    typePackages: [],
  },
  {
    id: 'sqlite',
    label: 'SQLite',
    place: 'SQLite',
    hint: 'one database file that makes itself; one machine',
    variable: 'database',
    files: [
      'openers/sqlite.ts',
      'stores/sqlite.ts',
      'sqlite-file.ts',
      'stores/sqlite-findings.ts',
      'stores/schema.ts',
      'stores/schema-findings.ts',
    ],
    packages: ['better-sqlite3', 'drizzle-orm'],
    typePackages: ['@types/better-sqlite3'],
  },
  {
    id: 'postgres',
    label: 'PostgreSQL',
    place: 'PostgreSQL',
    hint: 'a table in your database; any number of servers',
    variable: 'database',
    files: [
      'openers/postgres.ts',
      'stores/postgres.ts',
      'stores/postgres-findings.ts',
      'stores/schema.ts',
      'stores/schema-findings.ts',
    ],
    packages: ['drizzle-orm', 'pg'],
    typePackages: ['@types/pg'],
    server: {
      name: 'postgres',
      variable: 'DATABASE_URL',
      example: 'postgres://user:password@localhost:5432/name',
    },
  },
  {
    id: 'redis',
    label: 'Redis',
    place: 'Redis',
    hint: 'or Valkey; fast, any number of servers; persist it for logins',
    variable: 'redis',
    files: ['openers/redis.ts', 'stores/redis.ts'],
    packages: ['@redis/client'],
    typePackages: [],
    server: { name: 'redis', variable: 'REDIS_URL', example: 'redis://localhost:6379' },
  },
  {
    id: 'memcached',
    label: 'memcached',
    place: 'memcached',
    hint: 'fast; forgets at a restart or when memory is short',
    variable: 'memcached',
    files: ['openers/memcached.ts', 'stores/memcached.ts'],
    packages: ['memcache-client'],
    typePackages: [],
    server: { name: 'memcached', variable: 'MEMCACHED_SERVERS', example: 'localhost:11211' },
  },
]

/** What `lib/session` imports whichever store is chosen. */
export const CORE_PACKAGES = ['cookie', 'devalue', 'leven', 'server-only', 'zod'] as const

export function storeOf(id: StoreId): StoreChoice {
  const store = STORES.find((each) => each.id === id)
  if (!store) throw new Error(`No store ${id}.`)
  return store
}

/** Whether an app with these stores has a file of `lib/session`, by its path in that folder. */
export function isFileOfStores(path: string, stores: readonly StoreId[]): boolean {
  const owners = STORES.filter(({ files }) => files.includes(path))
  return owners.length === 0 || owners.some(({ id }) => stores.includes(id))
}
