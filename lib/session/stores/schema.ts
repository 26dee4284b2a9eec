/**
 * The table of the database stores, in both dialects: drizzle-kit makes migrations of it, for teams that run them
 * themselves; a store makes the same table on first use by the statements below.
 */
import { type AnyColumn, type SQL, sql } from 'drizzle-orm'
import * as pg from 'drizzle-orm/pg-core'
import * as sqlite from 'drizzle-orm/sqlite-core'
import { recordFromJson, recordToJson } from '../codec'
import { createNonce, tagOf } from '../keys'
import type { LoadedRecord, RefusalReason, SessionRecord } from '../store'

/** Not `sessions`: an app is likely to have a table of that name. */
export const TABLE_NAME = 'sess_sessions'
const INDEX_NAME = 'sess_sessions_expires_at'
const HASH_CHARACTERS = 64

// key: prefix and SHA-256 of the token; version: a random nonce; expires_at: UTC, epoch milliseconds; record: JSON.

export const sqliteSessions = sqlite.sqliteTable(
  TABLE_NAME,
  {
    key: sqlite.text().primaryKey(),
    version: sqlite.text().notNull(),
    expiresAt: sqlite.integer('expires_at').notNull(),
    record: sqlite.text().notNull(),
  },
  (table) => [sqlite.index(INDEX_NAME).on(table.expiresAt)],
)

export const postgresSessions = pg.pgTable(
  TABLE_NAME,
  {
    key: pg.text().primaryKey(),
    version: pg.text().notNull(),
    expiresAt: pg.bigint('expires_at', { mode: 'number' }).notNull(),
    record: pg.text().notNull(),
  },
  (table) => [pg.index(INDEX_NAME).on(table.expiresAt)],
)

/** What makes the table and its index, and may run where they are there already. In one line, to be run by hand too. */
export const tableStatements = { sqlite: statementsWith('integer'), postgres: statementsWith('bigint') }

/**
 * To be sent as one batch, which PostgreSQL runs as one transaction. Without the lock (its number is "sess" in ASCII)
 * two processes that make the table at the same time can fail with a duplicate key in the catalogue.
 */
export const createPostgresTable = `SELECT pg_advisory_xact_lock(${0x73657373}); ${tableStatements.postgres}`

function statementsWith(time: string): string {
  const columns = `key text PRIMARY KEY NOT NULL, version text NOT NULL, expires_at ${time} NOT NULL, record text NOT NULL`
  return `CREATE TABLE IF NOT EXISTS ${TABLE_NAME} (${columns}); CREATE INDEX IF NOT EXISTS ${INDEX_NAME} ON ${TABLE_NAME} (expires_at);`
}

/** Whether a row is of the app with this prefix, and not of one whose prefix begins like it. No wildcards. */
export function isOurs(key: AnyColumn, prefix: string): SQL {
  const { length } = [...prefix] // characters, as databases count them
  return sql`(substr(${key}, 1, ${length}) = ${prefix} and length(${key}) = ${length + HASH_CHARACTERS})`
}

/** What a row holds beside its key, with a new version: a nonce, so that a record that moves away and back gets another. */
export function contentOf(token: string, record: SessionRecord, expiresAt: number) {
  const version = createNonce()
  return { version, expiresAt, record: JSON.stringify(recordToJson(record, { t: tagOf(token) })) }
}

/** What a row holds, as `load` answers it. Whoever can write the table can write junk. */
export function readRow(
  row: { version: string; expiresAt: number; record: string } | undefined,
  now: number,
): LoadedRecord | { refused: RefusalReason } {
  if (!row) return { refused: 'unknown' }
  const { version, expiresAt } = row
  if (!Number.isSafeInteger(expiresAt)) return { refused: 'malformed' }
  if (expiresAt <= now) return { refused: 'expired' }
  const record = parse(row.record)
  return record ? { record, version, expiresAt } : { refused: 'malformed' }
}

function parse(text: unknown): SessionRecord | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return recordFromJson(JSON.parse(text), Infinity)
  } catch {
    return undefined
  }
}
