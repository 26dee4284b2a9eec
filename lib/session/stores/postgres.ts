import type { Pool } from 'pg'
import type { SessionStore } from '../store'

export interface PostgresStoreOptions {
  readonly pool: Pool
  readonly prefix: string
  readonly createTable: boolean
  readonly now: () => number
}
export function createPool(_options: { url: string; timeoutMs: number }): Pool {
  throw new Error('not built')
}
export function createPostgresStore(_options: PostgresStoreOptions): SessionStore {
  throw new Error('not built')
}
