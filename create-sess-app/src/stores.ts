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
  /** The folders of `lib/session` that only this store needs; a folder may belong to two. */
  readonly folders: readonly string[]
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
    folders: ['stores/cookie'],
    packages: ['iron-session'],
    typePackages: [],
  },
  {
    id: 'file',
    label: 'Files',
    place: 'files',
    hint: 'a file for each; one machine or a shared disk; not on Windows',
    variable: 'file',
    folders: ['stores/file'],
    packages: [],
    typePackages: [],
  },
  {
    id: 'sqlite',
    label: 'SQLite',
    place: 'SQLite',
    hint: 'one database file that makes itself; one machine',
    variable: 'database',
    folders: ['stores/sqlite', 'stores/sql'],
    packages: ['better-sqlite3', 'drizzle-orm'],
    typePackages: ['@types/better-sqlite3'],
  },
  {
    id: 'postgres',
    label: 'PostgreSQL',
    place: 'PostgreSQL',
    hint: 'a table in your database; any number of servers',
    variable: 'database',
    folders: ['stores/postgres', 'stores/sql'],
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
    folders: ['stores/redis'],
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
    folders: ['stores/memcached'],
    packages: ['memcache-client'],
    typePackages: [],
    server: { name: 'memcached', variable: 'MEMCACHED_SERVERS', example: 'localhost:11211' },
  },
]

/** What `lib/session` imports whichever store is chosen. */
export const CORE_PACKAGES = ['cookie', 'devalue', 'leven', 'server-only', 'zod'] as const

/** All of them: what an app has that leaves none out. */
export const STORE_IDS: readonly StoreId[] = STORES.map(({ id }) => id)

/** What `--store` and `--only` understand; `database` is what SESSION_STORE calls SQLite and PostgreSQL alike. */
export const STORE_NAMES = ['cookie', 'file', 'database', 'sqlite', 'postgres', 'redis', 'memcached'] as const
export type StoreName = (typeof STORE_NAMES)[number]

/**
 * The stores that a name stands for, the one that is meant first.
 * @param databaseUrl which of the two databases, where it says one; SQLite needs nothing more
 */
export function storesNamed(name: StoreName | undefined, databaseUrl?: string): readonly StoreId[] {
  if (name !== 'database') return name === undefined ? [] : [name]
  return /^postgres(?:ql)?:/.test(databaseUrl ?? '') ? ['postgres', 'sqlite'] : ['sqlite', 'postgres']
}

export function storeOf(id: StoreId): StoreChoice {
  const store = STORES.find((each) => each.id === id)
  if (!store) throw new Error(`No store ${id}.`)
  return store
}

/** What an operator does with sessions has a sense where the server keeps them. */
export function isOperated(stores: readonly StoreId[]): boolean {
  return stores.some((id) => id !== 'cookie')
}

/** Whether `npm run dev` may have to bring one up. */
export function hasServers(stores: readonly StoreId[]): boolean {
  return stores.some((id) => storeOf(id).server !== undefined)
}

/** Whether an app with these stores has a file of `lib/session`, by its path in that folder. */
export function isFileOfStores(path: string, stores: readonly StoreId[]): boolean {
  const owners = STORES.filter(({ folders }) => folders.some((folder) => path.startsWith(`${folder}/`)))
  return owners.length === 0 || owners.some(({ id }) => stores.includes(id))
}
