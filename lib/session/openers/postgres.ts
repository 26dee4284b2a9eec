import { shared } from '../shared'
import { createPool, createPostgresStore } from '../stores/postgres'
import { type Opener, recordsOf } from './opener'

export const open: Opener<'postgres'> = async ({ url }, context) => {
  const { config, now } = context
  const { prefix, createTable, storeTimeoutMs: timeoutMs } = config
  const connection = await shared(`postgres ${timeoutMs} ${url}`, () => {
    const client = createPool({ url, timeoutMs })
    return { client, close: () => client.end() }
  })
  const records = recordsOf(context)
  const store = createPostgresStore({ pool: connection.client, prefix, records, createTable, now })
  return { store, connection }
}
