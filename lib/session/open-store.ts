import type { SessionConfig } from './config'
import { withDeadline } from './deadline'
import type { Keyring } from './keys'
import type { SessionStore } from './store'

interface StoreContext {
  readonly config: SessionConfig
  readonly keyring: Keyring
  readonly now: () => number
}

/** Name → store. A store's file, and the package it needs, is imported only when it is the chosen one. */
const stores = {
  cookie: async ({ config, keyring }: StoreContext): Promise<SessionStore> =>
    (await import('./stores/cookie')).createCookieStore({ keyring, cookieName: config.cookie.name }),
  file: async ({ config, now }: StoreContext): Promise<SessionStore> =>
    withDeadline(
      (await import('./stores/file')).createFileStore({ directory: config.fileDirectory, now }),
      config.storeTimeoutMs,
    ),
  memory: async ({ now }: StoreContext): Promise<SessionStore> =>
    (await import('./stores/memory')).createMemoryStore({
      entries: await shared('memory', () => new Map()),
      now,
    }),
}

export type StoreName = keyof typeof stores

export const storeNames = Object.keys(stores) as [StoreName, ...StoreName[]]

/** The store that the configuration names. Nothing is connected before it is first used. */
export function openStore(context: StoreContext): Promise<SessionStore> {
  return stores[context.config.store](context)
}

/** What keeps the configured store from working here, as far as can be told without a server; else undefined. */
export async function findStoreProblem(config: SessionConfig): Promise<string | undefined> {
  if (config.store !== 'file') return undefined
  const { findDirectoryProblem } = await import('./stores/file')
  const problem = await findDirectoryProblem(config.fileDirectory)
  return problem && `SESSION_FILE_DIR is ${JSON.stringify(config.fileDirectory)}; ${problem}`
}

/**
 * What a store works on (a client, a pool, a Map): one for each `key` and process. Proxy, pages and routes each have
 * their own instance of this module in one process, so it hangs on a global symbol. The store itself is not shared:
 * it would throw the error classes of another instance, which are not `instanceof` those that the app imports.
 */
function shared<T>(key: string, open: () => T | Promise<T>): Promise<T> {
  globals[REGISTRY] ??= new Map()
  const registry = globals[REGISTRY]
  const known = registry.get(key) as Promise<T> | undefined
  if (known) return known
  const opened = Promise.resolve(open())
  registry.set(key, opened)
  opened.catch(() => registry.delete(key)) // the next request tries again
  return opened
}

const REGISTRY = Symbol.for('sess.backends')
const globals = globalThis as { [REGISTRY]?: Map<string, Promise<unknown>> }
