import { sharedConnection } from '../connections'
import { type OpenStore, recordsOf } from '../context'
import { createPool, createPostgresStore } from '.'
import type { PostgresOptions } from './about'

export const open: OpenStore<PostgresOptions> = async ({ url }, context) => {
  const { config, now } = context
  const { prefix, createTable, storeTimeoutMs: timeoutMs } = config
  const connection = await sharedConnection(`postgres ${timeoutMs} ${url}`, () => {
    const client = createPool({ url, timeoutMs })
    return { client, close: () => client.end() }
  })
  const records = recordsOf(context)
  const store = createPostgresStore({ pool: connection.client, prefix, records, createTable, now })
  return { store, connection }
}
