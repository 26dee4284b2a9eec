import { dirname, resolve } from 'node:path'
import { SessionConfigError } from '../../core/errors'
import { shared } from '../connections'
import { type Check, inspectPlace, type Opener, recordsOf } from '../opener'
import { createSqliteStore } from '.'
import { followSqlite } from './connection'
import { inspectRights } from './inspect'

const LOCKS_LOST = ' SQLite loses its locks by that, and saved sessions can be lost.'

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
  const inspect = async () => [
    ...((await store.inspect?.()) ?? []),
    ...inspectPlace(dirname(resolve(file)), context, LOCKS_LOST),
  ]
  return { store: { ...store, inspect }, connection }
}

export const check: Check<'sqlite'> = async (backend, context) => {
  await open(backend, context)
  const path = resolve(backend.file)
  return [...inspectRights(path), ...inspectPlace(dirname(path), context, LOCKS_LOST)]
}
