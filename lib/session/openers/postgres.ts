import { shared } from '../shared'
import { createPool, createPostgresStore } from '../stores/postgres'
import type { Opener } from './opener'

export const open: Opener<'postgres'> = async ({ url }, { config, now }) => {
  const { prefix, createTable, storeTimeoutMs: timeoutMs } = config
  const connection = await shared(`postgres ${timeoutMs} ${url}`, () => {
    const client = createPool({ url, timeoutMs })
    return { client, close: () => client.end() }
  })
  return { store: createPostgresStore({ pool: connection.client, prefix, createTable, now }), connection }
}
