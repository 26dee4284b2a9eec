/** The store of both databases; SQLite and PostgreSQL each say how statements reach them. */
import { setImmediate as turn } from 'node:timers/promises'
import { ENDED_MS, isTime } from '../../core/limits'
import type { Adopting, LoadedRecord, RefusalReason, SessionRecord, SessionStore } from '../../core/store'
import type { Finding, Inspectable, ListedSession, Listing } from '../abilities'
import { createVersion, epochOf, type RecordText } from '../record'
import { createNonce, createToken, isToken, storageKey } from '../tokens'
import { ENDED, type Statements } from './statements'

export interface SqlStoreOptions {
  readonly name: 'sqlite' | 'postgres'
  readonly prefix: string
  readonly records: RecordText
  readonly now: () => number
  /** Runs `work` with the statements of a connection; again after an attempt that did nothing or may be repeated. */
  readonly run: Run
  /** The same for work that must not happen twice: it runs again only where the attempt did nothing. */
  readonly runOnce: Run
  readonly inspect: () => Promise<Finding[]>
}

/** `work` reads the clock itself, so that each attempt decides anew what is live. */
export type Run = <T>(work: (statements: Statements) => Promise<T>) => Promise<T>

const BATCH = 500

export type SqlStore = SessionStore & Adopting & Listing & Inspectable

export function createSqlStore(options: SqlStoreOptions): SqlStore {
  const { name, prefix, records, now, run, runOnce, inspect } = options
  const keyOf = (token: string) => prefix + storageKey(token)

  /** A row with a new version: a nonce, so that a record that moves away and back gets another. */
  function rowOf(token: string, record: SessionRecord, expiresAt: number, epoch: string) {
    const version = createVersion(epoch)
    return { key: keyOf(token), version, expiresAt, record: records.write(token, record, { epoch }) }
  }

  /** In the epoch of this moment. If another one begins before the row is inserted, the session is dead. */
  async function newRow(statements: Statements, token: string, record: SessionRecord, expiresAt: number) {
    const [found] = await statements.epoch({})
    return rowOf(token, record, expiresAt, found?.epoch ?? '')
  }

  /** The values of `isLoadedRow`. */
  function loaded(version: unknown) {
    return { loadedVersion: String(version), epoch: epochOf(version) ?? '', now: now() }
  }

  return {
    name,

    async load(token) {
      if (!isToken(token)) return { refused: 'malformed' }
      const [row] = await run(({ load }) => load({ key: keyOf(token) }))
      return readRow(records, storageKey(token), row, now())
    },

    create(record, expiresAt) {
      return run(async (statements) => {
        const token = createToken() // a new one for each attempt: a row that was inserted unheard has another
        const row = await newRow(statements, token, record, expiresAt)
        await statements.insert(row)
        return { token, version: row.version }
      })
    },

    /** The record stays in the epoch in which it was created. */
    async update(token, record, expiresAt, version) {
      if (!isToken(token)) return 'gone'
      return runOnce(async ({ update, findLive }) => {
        const row = rowOf(token, record, expiresAt, epochOf(version) ?? '')
        if (await update({ ...row, ...loaded(version) })) return { token, version: row.version }
        const [other] = await findLive({ key: row.key, now: now() })
        return other ? 'conflict' : 'gone'
      })
    },

    async touch(token, expiresAt) {
      if (!isToken(token)) return false
      const key = keyOf(token)
      return (await run(({ touch }) => touch({ key, expiresAt, now: now() }))) > 0
    },

    async destroy(token, version, mark) {
      if (!isToken(token)) return version === undefined ? 'ok' : 'conflict'
      const row = { key: keyOf(token), version: ENDED, record: '' }
      if (version === undefined) {
        await run((statements) =>
          mark === 'unmarked'
            ? statements.remove(row)
            : statements.mark({ ...row, expiresAt: now() + ENDED_MS, now: now() }),
        )
        return 'ok'
      }
      const changed = await runOnce((statements) =>
        mark === 'unmarked'
          ? statements.removeLoaded({ ...row, ...loaded(version) })
          : statements.update({ ...row, expiresAt: now() + ENDED_MS, ...loaded(version) }),
      )
      return changed > 0 ? 'ok' : 'conflict'
    },

    /** First the epoch: what is created meanwhile from older sessions is dead. Then batches; requests get their turn between two. */
    async destroyAll() {
      const record = createNonce()
      await run(({ beginEpoch }) => beginEpoch({ record }))
      for (let after = ''; ; await turn()) {
        const found = await run(async ({ findNext, removeAll }) => {
          const keys = (await findNext({ after, limit: BATCH })).map(({ key }) => key)
          await removeAll(keys)
          return keys
        })
        const last = found.at(-1)
        if (last === undefined) return
        after = last
      }
    },

    sweep: (at, limit) => run(({ sweep }) => sweep({ now: at, limit })),

    adopt(token, record, expiresAt) {
      return runOnce(async (statements) => {
        const row = await newRow(statements, token, record, expiresAt)
        const adopted = await statements.adopt({ ...row, now: now() })
        return adopted ? { token, version: row.version } : 'conflict'
      })
    },

    async count() {
      const [found] = await run(({ count }) => count({ now: now() }))
      const { all = 0, live = 0 } = found ?? {}
      return { live, expired: all - live }
    },

    async list(limit) {
      const listed: ListedSession[] = []
      for (let after: string | undefined = ''; after !== undefined && listed.length < limit; ) {
        const values = { after, limit: BATCH }
        const rows: { key: string; record: string; expiresAt: number }[] = await run(({ list }) =>
          list({ ...values, now: now() }),
        )
        for (const { key, record, expiresAt } of rows) {
          const found = records.list(key.slice(prefix.length), record, expiresAt)
          if (found) listed.push(found)
        }
        after = rows.at(-1)?.key
      }
      return listed.slice(0, limit)
    },

    async destroyNamed(name) {
      await run(async ({ load, remove }) => {
        const key = prefix + name
        const [found] = await load({ key })
        if (found && !('refused' in records.read(name, found.record))) await remove({ key })
      })
    },

    inspect,
  }
}

interface Row {
  readonly version: string
  readonly expiresAt: number
  readonly record: string
  readonly epoch: string
}

/** What `load` returns of a row. Someone who can write the table can write anything into it. */
function readRow(
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
