/**
 * Where data lives: one row for each session in the table `sess_sessions` of a PostgreSQL database.
 * Who removes the dead: `sweep`, by the index on the expiry.
 * What survives a restart: everything, of the app and of the server.
 * How many processes may share it: any number; each opens at most ten connections, and none before it needs one.
 */
import { and, asc, count, DrizzleQueryError, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Pool } from 'pg'
import { SessionStoreError, SessionTooLargeError } from '../../core/errors'
import { createNonce, createToken, isToken, storageKey } from '../../core/keys'
import type { SessionRecord, SessionStore } from '../../core/store'
import { epochOf, type RecordText } from '../record'
import { unusable } from '../sql/inspect'
import {
  contentOf,
  createPostgresTable,
  epochRow,
  epochUnder,
  isLiveAt,
  isNoMark,
  isOfEpoch,
  isOurs,
  listRows,
  markAt,
  readRow,
  postgresSessions as sessions,
  TABLE_NAME,
} from '../sql/table'
import { inspectPostgres } from './inspect'

export interface PostgresStoreOptions {
  /** From `createPool`. */
  readonly pool: Pool
  readonly prefix: string
  readonly records: RecordText
  /** Whether to make the table when it is missing. */
  readonly createTable: boolean
  readonly now: () => number
}

const BATCH = 500

/** A pool that connects at its first query. Parameters in the URL (`sslmode`, `application_name`) win. */
export function createPool({ url, timeoutMs }: { url: string; timeoutMs: number }): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'sess',
    max: 10,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs, // the pool throws away the connection of a query that took longer
    statement_timeout: timeoutMs, // and the server gives up too, instead of carrying it out for nobody
    keepAlive: true,
    allowExitOnIdle: true,
  })
  pool.on('error', () => {}) // an idle connection died; the pool has replaced it, and unheard it would end the process
  return pool
}

export function createPostgresStore(options: PostgresStoreOptions): SessionStore {
  const { pool, prefix, records, createTable, now } = options
  const db = drizzle({ client: pool })
  const ours = isOurs(sessions.key, prefix)
  const epoch = epochUnder(prefix)
  let isCreated = false

  async function run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    try {
      // Each of the first calls looks for itself: to wait for another's look would be to hang with it.
      if (createTable && !isCreated) await onLiveConnection(create)
      isCreated = true
      return await work()
    } catch (error) {
      if (error instanceof SessionTooLargeError) throw error
      isCreated = false // if the table has vanished, the next call makes it again
      throw new SessionStoreError('postgres', operation, { cause: causeOf(error) })
    }
  }

  /** For what does no harm when it happens twice. */
  function runRepeatable<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return run(operation, () => onLiveConnection(work))
  }

  /**
   * A server that restarted leaves connections in the pool of whose death nobody has heard yet; each fails the first
   * call that gets it. So there are as many more attempts as there were idle connections, then with a new one. The pool
   * hands out the latest first: the save after a load gets the one that has just worked, and needs no second attempt.
   */
  async function onLiveConnection<T>(work: () => Promise<T>): Promise<T> {
    for (let idle = pool.idleCount; ; idle--) {
      try {
        return await work()
      } catch (error) {
        if (idle <= 0 || !isLostConnection(causeOf(error))) throw error
      }
    }
  }

  /** Looks first: `IF NOT EXISTS` wants the right to create even where there is nothing to create. */
  async function create(): Promise<void> {
    const { rows } = await pool.query('select to_regclass($1) as name', [TABLE_NAME])
    if (rows[0]?.name === null) await pool.query(createPostgresTable)
  }

  const keyOf = (token: string) => prefix + storageKey(token)
  const isRow = (token: string) => eq(sessions.key, keyOf(token))
  const isLive = () => isLiveAt(now(), sessions)
  const isSame = (token: string, version: unknown) =>
    and(isRow(token), eq(sessions.version, String(version)), isLive(), eq(epoch, epochOf(version) ?? ''))

  /** What a new row holds, in the epoch of this moment. If another one begins before it is inserted, it is dead. */
  async function newContent(token: string, record: SessionRecord, expiresAt: number) {
    const { rows } = await db.execute<{ epoch: string }>(sql`select ${epoch} as epoch`)
    return contentOf(records, { token, record, expiresAt, epoch: rows[0]?.epoch ?? '' })
  }

  return {
    name: 'postgres',

    async load(token) {
      if (!isToken(token)) return { refused: 'malformed' }
      const [row] = await runRepeatable('load a session', async () => {
        const { version, expiresAt, record } = sessions
        return db.select({ version, expiresAt, record, epoch }).from(sessions).where(isRow(token))
      })
      return readRow(records, storageKey(token), row, now())
    },

    create(record, expiresAt) {
      return runRepeatable('create a session', async () => {
        const token = createToken() // another for each attempt: nobody has that of a row that landed unheard
        const content = await newContent(token, record, expiresAt)
        await db.insert(sessions).values({ key: keyOf(token), ...content })
        return { token, version: content.version }
      })
    },

    /** The record stays in the epoch in which it was made. */
    async update(token, record, expiresAt, version) {
      if (!isToken(token)) return 'gone'
      return run('save a session', async () => {
        const content = contentOf(records, { token, record, expiresAt, epoch: epochOf(version) ?? '' })
        const { rowCount } = await db.update(sessions).set(content).where(isSame(token, version))
        if (rowCount) return { token, version: content.version }
        const isLiveRow = and(isRow(token), isLive(), isOfEpoch(sessions.version, epoch))
        const [other] = await db.select({ key: sessions.key }).from(sessions).where(isLiveRow)
        return other ? 'conflict' : 'gone'
      })
    },

    async touch(token, expiresAt) {
      if (!isToken(token)) return false
      const { rowCount } = await runRepeatable('touch a session', async () =>
        db
          .update(sessions)
          .set({ expiresAt })
          .where(and(isRow(token), isLive(), isOfEpoch(sessions.version, epoch))),
      )
      return rowCount === 1
    },

    async destroy(token, version, mark) {
      if (!isToken(token)) return version === undefined ? 'ok' : 'conflict'
      const destroy = async () => {
        const isAny = mark === 'unmarked' ? isRow(token) : and(isRow(token), isLive()) // or a mark
        const isWanted = version === undefined ? isAny : isSame(token, version)
        return mark === 'unmarked'
          ? db.delete(sessions).where(isWanted)
          : db.update(sessions).set(markAt(now())).where(isWanted)
      }
      const operation = 'destroy a session'
      if (version === undefined) {
        await runRepeatable(operation, destroy)
        return 'ok'
      }
      const { rowCount } = await run(operation, destroy)
      return rowCount ? 'ok' : 'conflict'
    },

    /**
     * First the epoch: what is made meanwhile of older sessions is dead. Then in batches, each of which is done before a
     * statement times out.
     */
    async destroyAll() {
      const row = epochRow(prefix, createNonce())
      const { record } = row
      await runRepeatable("end everyone's sessions", async () =>
        db.insert(sessions).values(row).onConflictDoUpdate({ target: sessions.key, set: { record } }),
      )
      for (let last = ''; ; ) {
        const batch = db
          .select({ key: sessions.key })
          .from(sessions)
          .where(and(ours, gt(sessions.key, last)))
        const keys = await runRepeatable("end everyone's sessions", async () => {
          const found = (await batch.orderBy(asc(sessions.key)).limit(BATCH)).map(({ key }) => key)
          await db.delete(sessions).where(inArray(sessions.key, found))
          return found
        })
        const end = keys.at(-1)
        if (end === undefined) return
        last = end
      }
    },

    /** Rows that another sweeper, or a touch, is at work on are left to it. */
    async sweep(at, limit) {
      const isExpired = lte(sessions.expiresAt, at)
      const batch = db.select({ key: sessions.key }).from(sessions).where(and(isExpired, ours))
      const locked = batch.orderBy(asc(sessions.expiresAt)).limit(limit).for('update', { skipLocked: true })
      const dead = db.$with('dead').as(locked) // in a subselect it could be run more than once, past the limit
      const { rowCount } = await runRepeatable('sweep', async () =>
        db
          .with(dead)
          .delete(sessions)
          .where(and(inArray(sessions.key, db.select({ key: dead.key }).from(dead)), isExpired)),
      )
      return rowCount ?? 0
    },

    async import(token, record, expiresAt) {
      return run('move a session', async () => {
        const content = await newContent(token, record, expiresAt)
        const isOver = lte(sessions.expiresAt, now())
        const { rowCount } = await db
          .insert(sessions)
          .values({ key: keyOf(token), ...content })
          .onConflictDoUpdate({ target: sessions.key, set: content, setWhere: isOver })
        return rowCount ? { token, version: content.version } : 'conflict'
      })
    },

    async count() {
      const live = count(sql`case when ${isLive()} and ${isOfEpoch(sessions.version, epoch)} then 1 end`)
      const [found = { all: 0, live: 0 }] = await runRepeatable('count sessions', async () =>
        db
          .select({ all: count(), live })
          .from(sessions)
          .where(and(ours, isNoMark(sessions.version))),
      )
      return { live: found.live, expired: found.all - found.live }
    },

    list: (limit) =>
      listRows(records, prefix, limit, async (last) => {
        const isNext = and(ours, isLive(), isOfEpoch(sessions.version, epoch), gt(sessions.key, last))
        return runRepeatable('list sessions', async () =>
          db.select().from(sessions).where(isNext).orderBy(asc(sessions.key)).limit(BATCH),
        )
      }),

    async end(key) {
      const isWanted = and(ours, eq(sessions.key, prefix + key))
      await runRepeatable('end a session', async () => {
        const [found] = await db.select({ record: sessions.record }).from(sessions).where(isWanted)
        if (found && !('refused' in records.read(key, found.record)))
          await db.delete(sessions).where(isWanted)
      })
    },

    async inspect() {
      const findings = onLiveConnection(() => inspectPostgres(pool, createTable, now))
      return findings.catch((error) => [unusable('PostgreSQL', error)])
    },
  }
}

/** Drizzle's own error repeats the parameters, and so the session's data, in its message. */
function causeOf(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error
}

/** A connection that was there and ended; neither a server that refuses new ones nor one that does not answer. */
function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  const codes = ['ECONNRESET', 'EPIPE', '57P01', '57P02'] // 57P01, 57P02: the server is shutting down, or crashed
  return codes.includes(code) || error.message === 'Connection terminated unexpectedly'
}
