/**
 * Where data lives: one row for each session in the table `sess_sessions` of a PostgreSQL database.
 * Who removes the dead: `sweep`, by the index on the expiry.
 * What survives a restart: everything, of the app and of the server.
 * How many processes may share it: any number; each opens at most ten connections, and none before it needs one.
 */
import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Pool, type QueryResult } from 'pg'
import { SessionError } from '../../core/errors'
import type { RecordText } from '../record'
import { unusable } from '../sql/inspect'
import { type Prepare, prepareStatements } from '../sql/statements'
import { createSqlStore, type Run, type SqlStore } from '../sql/store'
import { createPostgresTable, postgresSessions as sessions, TABLE_NAME } from '../sql/table'
import { inspectPostgres } from './inspect'

export interface PostgresStoreOptions {
  /** From `createPool`. */
  readonly pool: Pool
  readonly prefix: string
  readonly records: RecordText
  /** Whether to create the table when it is missing. */
  readonly createTable: boolean
  readonly now: () => number
}

/** A pool that connects at its first query. Parameters in the URL (`sslmode`, `application_name`) win. */
export function createPool({ url, timeoutMs }: { url: string; timeoutMs: number }): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'sess',
    max: 10,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs, // the pool throws away the connection of a query that took longer
    statement_timeout: timeoutMs, // and the server stops the query too, instead of running it for a caller that has left
    keepAlive: true,
    allowExitOnIdle: true,
  })
  pool.on('error', () => {}) // an idle connection died; the pool replaces it, but without a listener the error would end the process
  return pool
}

export function createPostgresStore(options: PostgresStoreOptions): SqlStore {
  const { pool, prefix, records, createTable, now } = options
  const db = drizzle({ client: pool })
  const statements = prepareStatements({ db, sessions, hasRowLocks: true, prepare }, prefix)
  let isCreated = false

  const runOnce: Run = async (work) => {
    try {
      // Each of the first calls looks for itself: to wait for another's look would be to hang with it.
      if (createTable && !isCreated) await onLiveConnection(create)
      isCreated = true
      return await work(statements)
    } catch (error) {
      if (!(error instanceof SessionError)) isCreated = false // the table may be gone: the next call creates it
      throw causeOf(error)
    }
  }

  const run: Run = (work) => runOnce((all) => onLiveConnection(() => work(all)))

  /**
   * After a server restart the pool still holds dead connections, and each fails the first call that gets it. So there
   * are as many more attempts as there were idle connections; the last one gets a new connection. The pool
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

  /** Looks first: `IF NOT EXISTS` needs the right to create even where there is nothing to create. */
  async function create(): Promise<void> {
    const { rows } = await pool.query('select to_regclass($1) as name', [TABLE_NAME])
    if (rows[0]?.name === null) await pool.query(createPostgresTable)
  }

  async function inspect() {
    const findings = onLiveConnection(() => inspectPostgres(pool, createTable, now))
    return findings.catch((error) => [unusable('PostgreSQL', error)])
  }

  return createSqlStore({ name: 'postgres', prefix, records, now, run, runOnce, inspect })
}

const UNNAMED = ''

const prepare: Prepare = {
  rows(query) {
    const prepared = query.prepare(UNNAMED)
    return (values) => prepared.execute(values)
  },
  changes(query) {
    const prepared = query.prepare(UNNAMED)
    return async (values) => ((await prepared.execute(values)) as QueryResult).rowCount ?? 0
  },
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
