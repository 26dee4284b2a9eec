import type { Backend } from './backend'
import type { SessionConfig } from './config'
import { withDeadline } from './deadline'
import { SessionConfigError } from './errors'
import type { Keyring } from './keys'
import { createMigratingStore } from './migrating-store'
import { type Connection, shared } from './shared'
import type { SessionStore } from './store'

interface StoreContext {
  readonly config: SessionConfig
  readonly keyring: Keyring
  readonly now: () => number
}

/**
 * The store that the configuration names, with a deadline on every call. A server is not connected before the first
 * call needs it. @throws {SessionConfigError} when a package is missing, or a file cannot be opened
 */
export async function openStore(context: StoreContext): Promise<SessionStore> {
  const { backend, migrateFrom } = context.config
  const store = await open(backend, context)
  return migrateFrom ? createMigratingStore({ to: store, from: await open(migrateFrom, context) }) : store
}

/** What keeps the configured stores from being opened here; a server that does not answer is not part of it. */
export async function findStoreProblems(context: StoreContext): Promise<string[]> {
  const { backend, migrateFrom } = context.config
  const problems: string[] = []
  for (const each of [backend, migrateFrom]) {
    if (!each) continue
    try {
      if (each.kind === 'file') await checkDirectory(each.directory)
      else await open(each, context)
    } catch (error) {
      if (!(error instanceof SessionConfigError)) throw error
      problems.push(...error.problems)
    }
  }
  return problems
}

type Opener<K> = (
  backend: Extract<Backend, { kind: K }>,
  context: StoreContext,
) => Promise<{ store: SessionStore; connection?: Connection<unknown> }>

/** Kind → store. A store's files, and the packages they need, are imported only when it is the chosen one. */
const openers: { readonly [K in Backend['kind']]: Opener<K> } = {
  async cookie(_backend, { config, keyring }) {
    const { createCookieStore } = await import('./stores/cookie')
    return { store: createCookieStore({ keyring, cookieName: config.cookie.name }) }
  },

  async memory(_backend, { now }) {
    const { createMemoryStore } = await import('./stores/memory')
    const connection = await shared('memory', () => ({ client: new Map(), close() {} }))
    return { store: createMemoryStore({ entries: connection.client, now }) }
  },

  async file({ directory }, { now }) {
    const { createFileStore } = await import('./stores/file')
    return { store: createFileStore({ directory, now }) }
  },

  async sqlite({ file }, { config, now }) {
    const { openSqlite, createSqliteStore } = await installed(
      'SQLite',
      'better-sqlite3 drizzle-orm',
      () => import('./stores/sqlite'),
    )
    const { prefix, createTable, storeTimeoutMs: timeoutMs } = config
    const connection = await shared(`sqlite ${file}`, async () => {
      const client = await openSqlite(file, timeoutMs).catch((error) => {
        throw new SessionConfigError([`The SQLite file ${file} cannot be opened: ${error.message}`])
      })
      return { client, close: () => client.close() }
    })
    const { client } = connection
    return { store: createSqliteStore({ client, prefix, createTable, timeoutMs, now }), connection }
  },

  async postgres({ url }, { config, now }) {
    const { createPool, createPostgresStore } = await installed(
      'PostgreSQL',
      'pg drizzle-orm',
      () => import('./stores/postgres'),
    )
    const { prefix, createTable, storeTimeoutMs: timeoutMs } = config
    const connection = await shared(`postgres ${timeoutMs} ${url}`, () => {
      const client = createPool({ url, timeoutMs })
      return { client, close: () => client.end() }
    })
    return { store: createPostgresStore({ pool: connection.client, prefix, createTable, now }), connection }
  },

  async redis({ url }, { config, now }) {
    const { createRedisClient, createRedisStore } = await installed(
      'Redis',
      '@redis/client',
      () => import('./stores/redis'),
    )
    const { prefix, storeTimeoutMs: timeoutMs } = config
    const connection = await shared(`redis ${timeoutMs} ${url}`, () => {
      const client = createRedisClient({ url, timeoutMs })
      return { client, close: () => client.destroy() }
    })
    return { store: createRedisStore({ client: connection.client, prefix, now }), connection }
  },

  async memcached({ servers }, { config, now }) {
    const { createMemcachedClients, createMemcachedStore } = await installed(
      'memcached',
      'memcache-client',
      () => import('./stores/memcached'),
    )
    const { prefix, storeTimeoutMs: timeoutMs } = config
    const connection = await shared(`memcached ${timeoutMs} ${servers}`, () => {
      const client = createMemcachedClients({ servers, timeoutMs })
      return {
        client,
        close() {
          for (const each of client.values()) each.shutdown()
        },
      }
    })
    return { store: createMemcachedStore({ clients: connection.client, prefix, now }), connection }
  },
}

async function open<K extends Backend['kind']>(
  backend: Extract<Backend, { kind: K }>,
  context: StoreContext,
): Promise<SessionStore> {
  const opener = openers[backend.kind] as Opener<K>
  const { store, connection } = await opener(backend, context)
  const closable = connection ? { ...store, close: async () => void (await connection.close()) } : store
  return withDeadline(closable, context.config.storeTimeoutMs)
}

/** Imports what needs packages that an app without this store may leave out. */
async function installed<T>(what: string, packages: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error
    throw new SessionConfigError([
      `Sessions in ${what} need packages that are not installed; run: npm install ${packages}`,
    ])
  }
}

async function checkDirectory(directory: string): Promise<void> {
  const { findDirectoryProblem } = await import('./stores/file')
  const problem = await findDirectoryProblem(directory)
  if (problem) throw new SessionConfigError([`SESSION_FILE_DIR is ${JSON.stringify(directory)}; ${problem}`])
}
