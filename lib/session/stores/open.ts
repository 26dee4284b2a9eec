import { SessionConfigError } from '../core/errors'
import type { SessionStore } from '../core/store'
import type { Backend } from './choose'
import { withDeadline } from './deadline'
import { installedStores } from './installed'
import { createMigratingStore } from './migrating'
import type { OpenerModule, StoreContext } from './opener'

/**
 * The store that the configuration names, with a deadline on every call. A server is not connected before the first
 * call needs it. @throws {SessionConfigError} when it is left out, a package is missing, or a file cannot be opened
 */
export async function openStore(context: StoreContext): Promise<SessionStore> {
  const { backend, migrateFrom } = context.config
  const store = await open(backend, context)
  return migrateFrom ? createMigratingStore({ to: store, from: await open(migrateFrom, context) }) : store
}

/**
 * What keeps the configured stores from being opened here; a server that does not answer is not part of it. What only
 * deserves a look goes to `warn` of the context.
 */
export async function findStoreProblems(context: StoreContext): Promise<string[]> {
  const { backend, migrateFrom } = context.config
  const problems: string[] = []
  for (const each of [backend, migrateFrom]) {
    if (!each) continue
    try {
      const { check } = await openerOf(each, context)
      const findings = check ? await check(each, context) : void (await open(each, context))
      for (const { level, text } of findings ?? []) {
        if (level === 'problem') problems.push(text)
        if (level === 'warning') context.warn?.(text)
      }
    } catch (error) {
      if (!(error instanceof SessionConfigError)) throw error
      problems.push(...error.problems)
    }
  }
  return problems
}

async function open(backend: Backend, context: StoreContext): Promise<SessionStore> {
  const opener = await openerOf(backend, context)
  const { store, connection } = await opener.open(backend, context)
  const closable = connection ? { ...store, close: async () => void (await connection.close()) } : store
  return withDeadline(closable, context.config.storeTimeoutMs)
}

/** The stores that need packages: what they are called, and what to install. */
const PACKAGES: { readonly [K in Backend['kind']]?: readonly [name: string, packages: string] } = {
  cookie: ['the cookie', 'iron-session'],
  sqlite: ['SQLite', 'better-sqlite3 drizzle-orm'],
  postgres: ['PostgreSQL', 'pg drizzle-orm'],
  redis: ['Redis', '@redis/client'],
  memcached: ['memcached', 'memcache-client'],
}

async function openerOf<B extends Backend>(
  backend: B,
  { config }: StoreContext,
): Promise<OpenerModule<B['kind']>> {
  const kind: B['kind'] = backend.kind
  const load = installedStores[kind]
  if (!load) throw new SessionConfigError([leftOut(kind, backend === config.migrateFrom)])
  try {
    return (await load()) as OpenerModule<B['kind']>
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const needed = PACKAGES[kind]
    if (!needed || (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND')) throw error
    const [name, packages] = needed
    throw new SessionConfigError([
      `Sessions in ${name} need packages that are not installed; run: npm install ${packages}`,
    ])
  }
}

function leftOut(kind: Backend['kind'], isMigratedFrom: boolean): string {
  const stores = Object.keys(installedStores).join(', ')
  return (
    `${isMigratedFrom ? `SESSION_MIGRATE_FROM names the ${kind} store` : chosen(kind)}, but this copy of lib/session ` +
    `has no ${kind} store (it has: ${stores}). Add it with: npx create-sess-app add --store ${kind}`
  )
}

function chosen(kind: Backend['kind']): string {
  if (kind === 'cookie') return 'SESSION_STORE is cookie (the default)'
  if (kind === 'sqlite' || kind === 'postgres')
    return `SESSION_STORE is database, and DATABASE_URL makes it ${kind}`
  return `SESSION_STORE is ${kind}`
}
