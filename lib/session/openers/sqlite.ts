import { SessionConfigError } from '../errors'
import { shared } from '../shared'
import { createSqliteStore, openSqlite } from '../stores/sqlite'
import { type Opener, recordsOf } from './opener'

export const open: Opener<'sqlite'> = async ({ file }, context) => {
  const { config, now } = context
  const { prefix, createTable, storeTimeoutMs: timeoutMs } = config
  const connection = await shared(`sqlite ${file}`, async () => {
    const client = await openSqlite(file, timeoutMs).catch((error) => {
      throw new SessionConfigError([`The SQLite file ${file} cannot be opened: ${error.message}`])
    })
    return { client, close: () => client.close() }
  })
  const { client } = connection
  const records = recordsOf(context)
  return { store: createSqliteStore({ client, prefix, records, createTable, timeoutMs, now }), connection }
}
