import { shared } from '../shared'
import { createRedisClient, createRedisStore } from '../stores/redis'
import type { Opener } from './opener'

export const open: Opener<'redis'> = async ({ url }, { config, now }) => {
  const { prefix, storeTimeoutMs: timeoutMs } = config
  const connection = await shared(`redis ${timeoutMs} ${url}`, () => {
    const client = createRedisClient({ url, timeoutMs })
    return { client, close: () => client.destroy() }
  })
  return { store: createRedisStore({ client: connection.client, prefix, now }), connection }
}
