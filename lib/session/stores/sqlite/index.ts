/**
 * Where data lives: one row for each session in the table `sess_sessions` of one SQLite file, which only its owner can
 * read (0600 in 0700). A save or a logout survives a power cut once its call has returned (WAL, synchronous FULL). The
 * price is one flush to the disk, during which the process is blocked.
 * Who removes the dead: `sweep`, by the index on the expiry.
 * What survives a restart: everything.
 * How many processes may share it: any number on one machine. Not over NFS or another network file system.
 */
import type Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { SessionError } from '../../core/errors'
import type { RecordText } from '../record'
import { unusable } from '../sql/inspect'
import { type Dialect, type Prepare, prepareStatements } from '../sql/statements'
import { createSqlStore, type Run, type SqlStore } from '../sql/store'
import { sqliteSessions, tableStatements } from '../sql/table'
import { untilFree } from './connection'
import { inspectSqlite } from './inspect'

export interface SqliteStoreOptions {
  /** The connection of each moment: `current` of `followSqlite`. */
  readonly client: () => Database.Database
  readonly prefix: string
  readonly records: RecordText
  /** Whether to create the table when it is missing. */
  readonly createTable: boolean
  /** How long to wait while another connection writes. */
  readonly timeoutMs: number
  readonly now: () => number
}

export function createSqliteStore(options: SqliteStoreOptions): SqlStore {
  const { client: current, prefix, records, createTable, timeoutMs, now } = options
  const { name: file } = current()
  let connected: ReturnType<typeof connect> | undefined

  function connect(client: Database.Database) {
    if (createTable) client.exec(tableStatements.sqlite)
    return { client, statements: prepareStatements(dialectOf(client), prefix) } // SQLite reads the table to do so
  }

  /** An attempt that finds the file locked has changed nothing, so even a save can run again. */
  const run: Run = async (work) => {
    try {
      return await untilFree(timeoutMs, async () => {
        const client = current()
        if (connected?.client !== client) connected = connect(client)
        const result = await work(connected.statements)
        if (current() === client) return result
        throw new Error('The file was deleted or replaced meanwhile, and the change may be lost. Try again.')
      })
    } catch (error) {
      if (!(error instanceof SessionError)) connected = undefined // the table may be gone: the next call creates it
      throw error
    }
  }

  async function inspect() {
    const findings = untilFree(timeoutMs, () => inspectSqlite(current(), createTable))
    return findings.catch((error) => [unusable(file, error)])
  }

  return createSqlStore({ name: 'sqlite', prefix, records, now, run, runOnce: run, inspect })
}

function dialectOf(client: Database.Database): Dialect {
  const db = drizzle({ client }) as unknown as Dialect['db']
  const sessions = sqliteSessions as unknown as Dialect['sessions']
  return { db, sessions, hasRowLocks: false, prepare: prepare as unknown as Prepare }
}

/** What drizzle makes of a query for SQLite. */
interface SqliteQuery<T> {
  prepare(): {
    all(values: Readonly<Record<string, unknown>>): T
    run(values: Readonly<Record<string, unknown>>): Database.RunResult
  }
}

const prepare = {
  rows<T>(query: SqliteQuery<T>) {
    const prepared = query.prepare()
    return async (values: Readonly<Record<string, unknown>>) => prepared.all(values)
  },
  changes(query: SqliteQuery<unknown>) {
    const prepared = query.prepare()
    return async (values: Readonly<Record<string, unknown>>) => prepared.run(values).changes
  },
}
