import type { SessionConfig } from './config'
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
  memory: async ({ now }: StoreContext): Promise<SessionStore> =>
    (await import('./stores/memory')).createMemoryStore({ now }),
}

export type StoreName = keyof typeof stores

export const storeNames = Object.keys(stores) as [StoreName, ...StoreName[]]

/**
 * The store that the configuration names; one for each configuration and process. Proxy, pages, routes and
 * instrumentation each have their own instance of this module in one process, hence the global registry.
 */
export function openStore(context: StoreContext): Promise<SessionStore> {
  const key = JSON.stringify(context.config)
  const known = registry.get(key)
  if (known) return known
  const opened = stores[context.config.store](context)
  registry.set(key, opened)
  opened.catch(() => registry.delete(key)) // the next request tries again
  return opened
}

const REGISTRY = Symbol.for('sess.stores')
const shared = globalThis as { [REGISTRY]?: Map<string, Promise<SessionStore>> }
shared[REGISTRY] ??= new Map()
const registry = shared[REGISTRY]
