import { SessionConfigError } from '../errors'
import { shared } from '../shared'
import { createSqliteStore, openSqlite } from '../stores/sqlite'
import type { Opener } from './opener'

export const open: Opener<'sqlite'> = async ({ file }, { config, now }) => {
  const { prefix, createTable, storeTimeoutMs: timeoutMs } = config
  const connection = await shared(`sqlite ${file}`, async () => {
    const client = await openSqlite(file, timeoutMs).catch((error) => {
      throw new SessionConfigError([`The SQLite file ${file} cannot be opened: ${error.message}`])
    })
    return { client, close: () => client.close() }
  })
  const { client } = connection
  return { store: createSqliteStore({ client, prefix, createTable, timeoutMs, now }), connection }
}
