import { sharedConnection } from '../connections'
import { type OpenStore, recordsOf } from '../context'
import { createRedisClient, createRedisStore } from '.'
import type { RedisOptions } from './about'

export const open: OpenStore<RedisOptions> = async ({ url }, context) => {
  const { config, now } = context
  const { prefix, storeTimeoutMs: timeoutMs } = config
  const connection = await sharedConnection(`redis ${timeoutMs} ${url}`, () => {
    const client = createRedisClient({ url, timeoutMs })
    return { client, close: () => client.destroy() }
  })
  return {
    store: createRedisStore({ client: connection.client, prefix, records: recordsOf(context), now }),
    connection,
  }
}
