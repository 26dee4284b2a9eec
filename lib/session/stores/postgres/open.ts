import { shared } from '../connections'
import { type Opener, recordsOf } from '../opener'
import { createPool, createPostgresStore } from '.'

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
