import { dirname, resolve } from 'node:path'
import { sharedConnection } from '../connections'
import { type CheckStore, type OpenStore, recordsOf } from '../context'
import { inspectPlace } from '../disk/ignored'
import { SessionConfigError } from '../errors'
import { createSqliteStore } from '.'
import type { SqliteOptions } from './about'
import { followSqlite } from './connection'
import { inspectRights } from './inspect'

const LOCKS_LOST = ' SQLite loses its locks by that, and saved sessions can be lost.'

export const open: OpenStore<SqliteOptions> = async ({ file }, context) => {
  const { config, now, warn = () => {} } = context
  const { prefix, createTable, storeTimeoutMs: timeoutMs } = config
  const connection = await sharedConnection(`sqlite ${file}`, async () => {
    const client = await followSqlite(file, { timeoutMs, warn }).catch((error) => {
      throw new SessionConfigError([`The SQLite file ${file} cannot be opened: ${error.message}`])
    })
    return { client, close: () => client.close() }
  })
  const client = connection.client.current
  const records = recordsOf(context)
  const store = createSqliteStore({ client, prefix, records, createTable, timeoutMs, now })
  const inspect = async () => [
    ...(await store.inspect()),
    ...inspectPlace(dirname(resolve(file)), context, LOCKS_LOST),
  ]
  return { store: { ...store, inspect }, connection }
}

export const check: CheckStore<SqliteOptions> = async (options, context) => {
  await open(options, context)
  const path = resolve(options.file)
  return [...inspectRights(path), ...inspectPlace(dirname(path), context, LOCKS_LOST)]
}
