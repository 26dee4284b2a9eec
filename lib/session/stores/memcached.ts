import type { MemcacheClient } from 'memcache-client'
import type { SessionStore } from '../store'

export interface MemcachedStoreOptions {
  /** One client for each server, by its address. */
  readonly clients: ReadonlyMap<string, MemcacheClient>
  readonly prefix: string
  readonly now: () => number
}
export function createMemcachedClients(_options: {
  servers: readonly string[]
  timeoutMs: number
}): ReadonlyMap<string, MemcacheClient> {
  throw new Error('not built')
}
export function createMemcachedStore(_options: MemcachedStoreOptions): SessionStore {
  throw new Error('not built')
}
