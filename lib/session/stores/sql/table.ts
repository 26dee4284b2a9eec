/**
 * The table of the database stores. drizzle-kit reads this file and writes the migrations, for teams that run them
 * themselves. Otherwise a store creates the same table at its first use, with the statements below.
 */
import type { ColumnBuilder } from 'drizzle-orm'
import * as pg from 'drizzle-orm/pg-core'
import * as sqlite from 'drizzle-orm/sqlite-core'

/** Not `sessions`: an app is likely to have a table of that name. */
export const TABLE_NAME = 'sess_sessions'
const INDEX_NAME = 'sess_sessions_expires_at'

/**
 * - `key`: the prefix and the SHA-256 of the token
 * - `version`: the epoch and a random nonce; `ended` in the mark of a session that ended
 * - `expires_at`: epoch milliseconds
 * - `record`: a text of `stores/record.ts`; empty in a mark
 *
 * One more row for each prefix has the key `<prefix>epoch` and the epoch as its record.
 */
function columns<Text extends ColumnBuilder, Time extends ColumnBuilder>(text: () => Text, time: Time) {
  return {
    key: text().primaryKey(),
    version: text().notNull(),
    expiresAt: time.notNull(),
    record: text().notNull(),
  }
}

export const sqliteSessions = sqlite.sqliteTable(
  TABLE_NAME,
  columns(() => sqlite.text(), sqlite.integer('expires_at')),
  (table) => [sqlite.index(INDEX_NAME).on(table.expiresAt)],
)

export const postgresSessions = pg.pgTable(
  TABLE_NAME,
  columns(() => pg.text(), pg.bigint('expires_at', { mode: 'number' })),
  (table) => [pg.index(INDEX_NAME).on(table.expiresAt)],
)

/** Creates the table and its index where they are missing. One line, so that an operator can paste it. */
export const tableStatements = { sqlite: statementsWith('integer'), postgres: statementsWith('bigint') }

/**
 * One batch, which PostgreSQL runs as one transaction. Without the lock (its number is "sess" in ASCII), two processes
 * that create the table at the same time can fail with a duplicate key in the catalogue.
 */
export const createPostgresTable = `SELECT pg_advisory_xact_lock(${0x73657373}); ${tableStatements.postgres}`

function statementsWith(time: string): string {
  const columns = `key text PRIMARY KEY NOT NULL, version text NOT NULL, expires_at ${time} NOT NULL, record text NOT NULL`
  return `CREATE TABLE IF NOT EXISTS ${TABLE_NAME} (${columns}); CREATE INDEX IF NOT EXISTS ${INDEX_NAME} ON ${TABLE_NAME} (expires_at);`
}
