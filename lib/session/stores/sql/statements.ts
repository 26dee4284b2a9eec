/** Every statement of the database stores. Conditions are written once, so that no statement can forget one. */
import { and, asc, count, eq, gt, inArray, lte, ne, type SQL, sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { type postgresSessions, TABLE_NAME } from './table'

/**
 * A database as drizzle sees it. Drizzle gives the builders of its dialects types that have nothing in common, although
 * their methods are the same. So the types here are those of PostgreSQL, and SQLite casts its own to them.
 */
export interface Dialect {
  readonly db: PgDatabase<PgQueryResultHKT>
  readonly sessions: typeof postgresSessions
  /** Whether one sweep can skip the rows that another connection has locked. SQLite locks the whole file instead. */
  readonly hasRowLocks: boolean
  /** Turns a query into SQL text, once. */
  readonly prepare: Prepare
}

export interface Prepare {
  /** A query that returns rows. */
  rows<T>(query: Query<T[]>): Statement<T[]>
  /** A query that changes rows; the statement returns how many. */
  changes(query: Query<unknown>): Statement<number>
}

export interface Query<T> {
  prepare(name: string): { execute(values: Values): Promise<T> }
}

export type Statement<T> = (values: Values) => Promise<T>

/** What stands in for the placeholders of one statement; it ignores values of which it has no placeholder. */
export type Values = Readonly<Record<string, string | number>>

export type Statements = ReturnType<typeof prepareStatements>

/** In the `version` of a row: the mark of a session that ended. */
export const ENDED = 'ended'

const HASH_CHARACTERS = 64

/**
 * Building a query with drizzle takes several times as long as running it, so a store does it once for a connection.
 * `key` is the key of a row. `version`, `expiresAt` and `record` are what a statement writes. `loadedVersion` and `epoch` are
 * what the row must still have. `now` decides which sessions are live: a caller reads the clock at each attempt.
 */
export function prepareStatements({ db, sessions, hasRowLocks, prepare }: Dialect, prefix: string) {
  const { key, version, expiresAt, record } = sessions
  const value = sql.placeholder

  const epochKey = `${prefix}epoch`
  /** The epoch, read within a statement; empty before the first `destroyAll`. */
  const epoch = sql<string>`coalesce((select epoch.record from ${sql.identifier(TABLE_NAME)} as epoch where epoch.key = ${epochKey}), '')`
  const isOfThisEpoch = sql`substr(${version}, 1, length(${epoch}) + 1) = ${epoch} || ':'`
  const isNoMark = ne(version, ENDED)
  const isLive = and(gt(expiresAt, value('now')), isNoMark)
  const isExpired = lte(expiresAt, value('now'))
  const isRow = eq(key, value('key'))
  const isLiveRow = and(isRow, isLive, isOfThisEpoch)
  const isLoadedRow = and(isRow, eq(version, value('loadedVersion')), isLive, eq(epoch, value('epoch')))

  // Sessions of this app, not those of an app whose prefix begins like this one. LIKE would need its wildcards escaped.
  const { length } = [...prefix] // in characters, as databases count them
  const isOurs = sql`substr(${key}, 1, ${length}) = ${prefix} and length(${key}) = ${length + HASH_CHARACTERS} and substr(${key}, ${length + HASH_CHARACTERS - 4}) <> 'epoch'`
  const isNext = and(isOurs, gt(key, value('after')))

  const row = {
    key: value('key'),
    version: value('version'),
    expiresAt: value('expiresAt'),
    record: value('record'),
  }
  const written = { version: given('version'), expiresAt: given('expiresAt'), record: given('record') }
  const insert = () => db.insert(sessions).values(row)
  const select = () => db.select({ key }).from(sessions)

  const expired = select().where(and(isExpired, isOurs)).orderBy(asc(expiresAt)).limit(value('limit'))
  // In a subselect PostgreSQL could run it more than once, and so remove more than the limit.
  const dead = db.$with('dead').as(hasRowLocks ? expired.for('update', { skipLocked: true }) : expired)

  return {
    load: prepare.rows(db.select({ version, expiresAt, record, epoch }).from(sessions).where(isRow)),
    epoch: prepare.rows(db.select({ epoch: record }).from(sessions).where(eq(key, epochKey))),
    insert: prepare.changes(insert()),
    /** Over a row that is expired, or a mark that is over, but over no other. */
    adopt: prepare.changes(
      insert().onConflictDoUpdate({ target: key, set: excluded(), setWhere: isExpired }),
    ),
    /** A save, and the mark of a session that was destroyed by its version. */
    update: prepare.changes(db.update(sessions).set(written).where(isLoadedRow)),
    touch: prepare.changes(
      db
        .update(sessions)
        .set({ expiresAt: given('expiresAt') })
        .where(isLiveRow),
    ),
    findLive: prepare.rows(select().where(isLiveRow)),
    /** Over the row of a live session; over a mark never. */
    mark: prepare.changes(db.update(sessions).set(written).where(and(isRow, isLive))),
    remove: prepare.changes(db.delete(sessions).where(isRow)),
    removeLoaded: prepare.changes(db.delete(sessions).where(isLoadedRow)),

    // From here on: what operators do.
    beginEpoch: prepare.changes(
      db
        .insert(sessions)
        // Its expiry is never reached.
        .values({ key: epochKey, version: '', expiresAt: Number.MAX_SAFE_INTEGER, record: value('record') })
        .onConflictDoUpdate({ target: key, set: { record: given('record') } }),
    ),
    findNext: prepare.rows(select().where(isNext).orderBy(asc(key)).limit(value('limit'))),
    removeAll: (keys: string[]) => prepare.changes(db.delete(sessions).where(inArray(key, keys)))({}),
    sweep: prepare.changes(
      db
        .with(dead)
        .delete(sessions)
        .where(and(inArray(key, db.select({ key: dead.key }).from(dead)), isExpired)),
    ),
    count: prepare.rows(
      db
        .select({ all: count(), live: count(sql`case when ${isLive} and ${isOfThisEpoch} then 1 end`) })
        .from(sessions)
        .where(and(isOurs, isNoMark)),
    ),
    list: prepare.rows(
      db
        .select({ key, record, expiresAt })
        .from(sessions)
        .where(and(isNext, isLive, isOfThisEpoch))
        .orderBy(asc(key))
        .limit(value('limit')),
    ),
  }
}

/** `set` of drizzle takes SQL, and by its types no placeholder. */
function given(name: string): SQL {
  return sql`${sql.placeholder(name)}`
}

/** What an insert would have written, where it found a row. */
function excluded() {
  return { version: sql`excluded.version`, expiresAt: sql`excluded.expires_at`, record: sql`excluded.record` }
}
