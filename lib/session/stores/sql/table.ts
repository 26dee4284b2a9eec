/**
 * The table of the database stores, in both dialects: drizzle-kit makes migrations of it, for teams that run them
 * themselves; a store makes the same table on first use by the statements below.
 */
import { type AnyColumn, type SQL, sql } from 'drizzle-orm'
import * as pg from 'drizzle-orm/pg-core'
import * as sqlite from 'drizzle-orm/sqlite-core'
import { ENDED_MS, isTime } from '../../core/limits'
import type { ListedSession, LoadedRecord, RefusalReason, SessionRecord } from '../../core/store'
import { createVersion, type RecordText } from '../record'

/** Not `sessions`: an app is likely to have a table of that name. */
export const TABLE_NAME = 'sess_sessions'
const INDEX_NAME = 'sess_sessions_expires_at'
const HASH_CHARACTERS = 64

// key: prefix and SHA-256 of the token; version: the epoch and a random nonce; expires_at: UTC, epoch milliseconds; record:
// a text of `stores/record.ts`. Where a session ended a moment ago the version is `ended` and the record empty. One more
// row, whose key is the prefix and `epoch`, has the epoch as its record.

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

/** Whether a row is a session of the app with this prefix, and not of one whose prefix begins like it. No wildcards. */
export function isOurs(key: AnyColumn, prefix: string): SQL {
  const { length } = [...prefix] // characters, as databases count them
  const isSession = sql`length(${key}) = ${length + HASH_CHARACTERS} and substr(${key}, ${length + HASH_CHARACTERS - 4}) <> 'epoch'`
  return sql`(substr(${key}, 1, ${length}) = ${prefix} and ${isSession})`
}

const ENDED = 'ended'

/** Whether a row is a session that lives, and not the mark of one that ended. */
export function isLiveAt(
  now: number,
  { expiresAt, version }: { expiresAt: AnyColumn; version: AnyColumn },
): SQL {
  return sql`(${expiresAt} > ${now} and ${isNoMark(version)})`
}

/** Whether a row is a session, dead or alive, and not the mark of one that ended. */
export function isNoMark(version: AnyColumn): SQL {
  return sql`${version} <> ${ENDED}`
}

/** The epoch, read in the statement of which it is a part; empty before the first `destroyAll`. */
export function epochUnder(prefix: string): SQL<string> {
  return sql<string>`coalesce((select epoch.record from ${sql.identifier(TABLE_NAME)} as epoch where epoch.key = ${epochKey(prefix)}), '')`
}

/** Whether a session was made in the present epoch. */
export function isOfEpoch(version: AnyColumn, epoch: SQL): SQL {
  return sql`(substr(${version}, 1, length(${epoch}) + 1) = ${epoch} || ':')`
}

/** The row of an epoch. Its expiry is never reached. */
export function epochRow(prefix: string, epoch: string) {
  return { key: epochKey(prefix), version: '', expiresAt: Number.MAX_SAFE_INTEGER, record: epoch }
}

function epochKey(prefix: string): string {
  return `${prefix}epoch`
}

/** What a row holds beside its key, with a new version: a nonce, so that a record that moves away and back gets another. */
export function contentOf(
  records: RecordText,
  {
    token,
    record,
    expiresAt,
    epoch,
  }: { token: string; record: SessionRecord; expiresAt: number; epoch: string },
) {
  return { version: createVersion(epoch), expiresAt, record: records.write(token, record, { epoch }) }
}

/** What is left of a session that ends now. */
export function markAt(now: number) {
  return { version: ENDED, expiresAt: now + ENDED_MS, record: '' }
}

export interface Row {
  readonly version: string
  readonly expiresAt: number
  readonly record: string
  readonly epoch: string
}

/** What a row holds, as `load` answers it. Whoever can write the table can write junk. */
export function readRow(
  records: RecordText,
  name: string,
  row: Row | undefined,
  now: number,
): LoadedRecord | { refused: RefusalReason } {
  if (!row) return { refused: 'unknown' }
  const { version, expiresAt, epoch } = row
  if (!isTime(expiresAt)) return { refused: 'malformed' }
  if (version === ENDED) return { refused: now < expiresAt ? 'ended' : 'unknown' }
  if (expiresAt <= now) return { refused: 'expired' }
  const found = records.read(name, row.record)
  if ('refused' in found) return found
  return found.epoch === epoch ? { record: found.record, version, expiresAt } : { refused: 'unknown' }
}

/** What `list` answers, from batches of live rows in the order of their keys; `next` reads the one behind a key. */
export async function listRows(
  records: RecordText,
  prefix: string,
  limit: number,
  next: (last: string) => Promise<readonly { key: string; record: string; expiresAt: number }[]>,
): Promise<ListedSession[]> {
  const listed: ListedSession[] = []
  for (let last: string | undefined = ''; last !== undefined && listed.length < limit; ) {
    const rows = await next(last)
    for (const { key, record, expiresAt } of rows) {
      const found = records.list(key.slice(prefix.length), record, expiresAt)
      if (found) listed.push(found)
    }
    last = rows.at(-1)?.key
  }
  return listed.slice(0, limit)
}
