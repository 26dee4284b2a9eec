import { dirname, resolve } from 'node:path'
import { SessionConfigError } from '../errors'
import { findIgnoreWarning } from '../ignored'
import { shared } from '../shared'
import { followSqlite } from '../sqlite-file'
import type { Finding } from '../store'
import { createSqliteStore } from '../stores/sqlite'
import { inspectRights } from '../stores/sqlite-findings'
import { type Check, type Opener, recordsOf, type StoreContext } from './opener'

export const open: Opener<'sqlite'> = async ({ file }, context) => {
  const { config, now, warn = () => {} } = context
  const { prefix, createTable, storeTimeoutMs: timeoutMs } = config
  const connection = await shared(`sqlite ${file}`, async () => {
    const client = await followSqlite(file, { timeoutMs, warn }).catch((error) => {
      throw new SessionConfigError([`The SQLite file ${file} cannot be opened: ${error.message}`])
    })
    return { client, close: () => client.close() }
  })
  const client = connection.client.current
  const records = recordsOf(context)
  const store = createSqliteStore({ client, prefix, records, createTable, timeoutMs, now })
  const inspect = async () => [...((await store.inspect?.()) ?? []), ...inspectPlace(file, context)]
  return { store: { ...store, inspect }, connection }
}

export const check: Check<'sqlite'> = async (backend, context) => {
  await open(backend, context)
  return [...inspectRights(resolve(backend.file)), ...inspectPlace(backend.file, context)]
}

/** A production server watches nothing, and what it runs in is rarely what gets committed. */
function inspectPlace(file: string, { config }: StoreContext): Finding[] {
  const text = config.production ? undefined : findIgnoreWarning(dirname(resolve(file)))
  return text === undefined
    ? []
    : [{ level: 'warning', text: `${text}. SQLite loses its locks by that, and saved sessions can be lost.` }]
}
