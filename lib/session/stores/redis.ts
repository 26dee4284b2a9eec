import { createClient } from '@redis/client'
import type { SessionStore } from '../store'

export interface RedisStoreOptions {
  readonly client: RedisClient
  readonly prefix: string
  readonly now: () => number
}
export type RedisClient = ReturnType<typeof createRedisClient>
export function createRedisClient({ url, timeoutMs: _ }: { url: string; timeoutMs: number }) {
  return createClient({ url })
}
export function createRedisStore(_options: RedisStoreOptions): SessionStore {
  throw new Error('not built')
}
