/**
 * Where data lives: one row for each session in the table `sess_sessions` of one SQLite file, which only its owner can
 * read (0600 in 0700). A save or a logout that was answered survives a power cut (WAL, synchronous FULL), at the cost of
 * one flush to the disk, during which the process does nothing else.
 * Who removes the dead: `sweep`, by the index on the expiry.
 * What survives a restart: everything.
 * How many processes may share it: any number on one machine. Not over NFS or another network file system.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { and, asc, count, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { SessionStoreError, SessionTooLargeError } from '../../core/errors'
import { createNonce, createToken, isToken, storageKey } from '../../core/keys'
import type { SessionRecord, SessionStore } from '../../core/store'
import { epochOf, type RecordText } from '../record'
import { unusable } from '../sql/inspect'
import {
  contentOf,
  epochRow,
  epochUnder,
  isLiveAt,
  isNoMark,
  isOfEpoch,
  isOurs,
  listRows,
  markAt,
  readRow,
  sqliteSessions as sessions,
  tableStatements,
} from '../sql/table'
import { untilFree } from './connection'
import { inspectSqlite } from './inspect'

export interface SqliteStoreOptions {
  /** The connection of each moment: `current` of `followSqlite`. */
  readonly client: () => Database.Database
  readonly prefix: string
  readonly records: RecordText
  /** Whether to make the table when it is missing. */
  readonly createTable: boolean
  /** How long to wait while another connection writes. */
  readonly timeoutMs: number
  readonly now: () => number
}

const BATCH = 500

export function createSqliteStore(options: SqliteStoreOptions): SessionStore {
  const { client: current, prefix, records, createTable, timeoutMs, now } = options
  let client = current()
  let db = drizzle({ client })
  const ours = isOurs(sessions.key, prefix)
  const epoch = epochUnder(prefix)
  let isCreated = false

  /** With the connection of this moment. */
  function renew(): void {
    if (current() === client) return
    client = current()
    db = drizzle({ client })
    isCreated = false
  }

  /** `work` builds its statement itself: what lives is decided at each attempt, and on which connection. */
  async function run<T>(operation: string, work: () => T): Promise<T> {
    try {
      return await untilFree(timeoutMs, () => {
        renew()
        if (createTable && !isCreated) client.exec(tableStatements.sqlite)
        isCreated = true
        const result = work()
        if (current() === client) return result
        throw new Error(
          'The file was deleted or replaced meanwhile, and what was done may be lost. Try again.',
        )
      })
    } catch (cause) {
      if (cause instanceof SessionTooLargeError) throw cause
      isCreated = false // if the table has vanished, the next call makes it again
      throw new SessionStoreError('sqlite', operation, { cause })
    }
  }

  const keyOf = (token: string) => prefix + storageKey(token)
  const isRow = (token: string) => eq(sessions.key, keyOf(token))
  const isLive = () => isLiveAt(now(), sessions)
  const isSame = (token: string, version: unknown) =>
    and(isRow(token), eq(sessions.version, String(version)), isLive(), eq(epoch, epochOf(version) ?? ''))

  /** A new row, in the epoch of this moment. If another one begins before it is inserted, it is dead. */
  function insert(token: string, record: SessionRecord, expiresAt: number) {
    const current = db.get<{ epoch: string }>(sql`select ${epoch} as epoch`).epoch
    const content = contentOf(records, { token, record, expiresAt, epoch: current })
    return { content, insertion: db.insert(sessions).values({ key: keyOf(token), ...content }) }
  }

  const everything = () =>
    db
      .select({ version: sessions.version, expiresAt: sessions.expiresAt, record: sessions.record, epoch })
      .from(sessions)

  return {
    name: 'sqlite',

    async load(token) {
      if (!isToken(token)) return { refused: 'malformed' }
      const row = await run('load a session', () => everything().where(isRow(token)).get())
      return readRow(records, storageKey(token), row, now())
    },

    async create(record, expiresAt) {
      const token = createToken()
      return run('create a session', () => {
        const { content, insertion } = insert(token, record, expiresAt)
        insertion.run()
        return { token, version: content.version }
      })
    },

    /** The record stays in the epoch in which it was made. */
    async update(token, record, expiresAt, version) {
      if (!isToken(token)) return 'gone'
      return run('save a session', () => {
        const content = contentOf(records, { token, record, expiresAt, epoch: epochOf(version) ?? '' })
        const { changes } = db.update(sessions).set(content).where(isSame(token, version)).run()
        if (changes > 0) return { token, version: content.version }
        const other = db
          .select({ key: sessions.key })
          .from(sessions)
          .where(and(isRow(token), isLive(), isOfEpoch(sessions.version, epoch)))
        return other.get() ? 'conflict' : 'gone'
      })
    },

    async touch(token, expiresAt) {
      if (!isToken(token)) return false
      const touch = () =>
        db
          .update(sessions)
          .set({ expiresAt })
          .where(and(isRow(token), isLive(), isOfEpoch(sessions.version, epoch)))
      return (await run('touch a session', () => touch().run())).changes > 0
    },

    async destroy(token, version, mark) {
      if (!isToken(token)) return version === undefined ? 'ok' : 'conflict'
      const { changes } = await run('destroy a session', () => {
        const isAny = mark === 'unmarked' ? isRow(token) : and(isRow(token), isLive()) // or a mark
        const isWanted = version === undefined ? isAny : isSame(token, version)
        return mark === 'unmarked'
          ? db.delete(sessions).where(isWanted).run()
          : db.update(sessions).set(markAt(now())).where(isWanted).run()
      })
      return changes > 0 || version === undefined ? 'ok' : 'conflict'
    },

    /** First the epoch: what is made meanwhile of older sessions is dead. Then in batches, between which requests get their turn. */
    async destroyAll() {
      const row = epochRow(prefix, createNonce())
      const { record } = row
      await run("end everyone's sessions", () =>
        db.insert(sessions).values(row).onConflictDoUpdate({ target: sessions.key, set: { record } }).run(),
      )
      for (let last = ''; ; ) {
        const keys = await run("end everyone's sessions", () => {
          const batch = db
            .select({ key: sessions.key })
            .from(sessions)
            .where(and(ours, gt(sessions.key, last)))
          const rows = batch.orderBy(asc(sessions.key)).limit(BATCH).all()
          const found = rows.map(({ key }) => key)
          db.delete(sessions).where(inArray(sessions.key, found)).run()
          return found
        })
        const end = keys.at(-1)
        if (end === undefined) return
        last = end
        await pause(0)
      }
    },

    async sweep(at, limit) {
      const isExpired = lte(sessions.expiresAt, at)
      const { changes } = await run('sweep', () => {
        const dead = db.select({ key: sessions.key }).from(sessions).where(and(isExpired, ours))
        const batch = dead.orderBy(asc(sessions.expiresAt)).limit(limit)
        return db
          .delete(sessions)
          .where(and(inArray(sessions.key, batch), isExpired))
          .run()
      })
      return changes
    },

    async import(token, record, expiresAt) {
      return run('move a session', () => {
        const { content, insertion } = insert(token, record, expiresAt)
        const isOver = lte(sessions.expiresAt, now())
        const upsert = insertion.onConflictDoUpdate({ target: sessions.key, set: content, setWhere: isOver })
        return upsert.run().changes > 0 ? { token, version: content.version } : 'conflict'
      })
    },

    async count() {
      const live = count(sql`case when ${isLive()} and ${isOfEpoch(sessions.version, epoch)} then 1 end`)
      const query = () =>
        db
          .select({ all: count(), live })
          .from(sessions)
          .where(and(ours, isNoMark(sessions.version)))
      const found = (await run('count sessions', () => query().get())) ?? { all: 0, live: 0 }
      return { live: found.live, expired: found.all - found.live }
    },

    list: (limit) =>
      listRows(records, prefix, limit, async (last) => {
        const isNext = and(ours, isLive(), isOfEpoch(sessions.version, epoch), gt(sessions.key, last))
        const query = () => db.select().from(sessions).where(isNext).orderBy(asc(sessions.key)).limit(BATCH)
        return run('list sessions', () => query().all())
      }),

    async end(key) {
      const isWanted = and(ours, eq(sessions.key, prefix + key))
      await run('end a session', () => {
        const found = db.select({ record: sessions.record }).from(sessions).where(isWanted).get()
        if (found && !('refused' in records.read(key, found.record)))
          db.delete(sessions).where(isWanted).run()
      })
    },

    async inspect() {
      const findings = untilFree(timeoutMs, () => {
        renew()
        return inspectSqlite(client, createTable)
      })
      return findings.catch((error) => [unusable(client.name, error)])
    },
  }
}
