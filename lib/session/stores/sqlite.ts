import type Database from 'better-sqlite3'
import type { SessionStore } from '../store'

export interface SqliteStoreOptions {
  readonly client: Database.Database
  readonly prefix: string
  readonly createTable: boolean
  readonly timeoutMs: number
  readonly now: () => number
}
export async function openSqlite(_file: string): Promise<Database.Database> {
  throw new Error('not built')
}
export function createSqliteStore(_options: SqliteStoreOptions): SessionStore {
  throw new Error('not built')
}
