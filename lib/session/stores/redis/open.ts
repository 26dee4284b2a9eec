import { shared } from '../connections'
import { type Opener, recordsOf } from '../opener'
import { createRedisClient, createRedisStore } from '.'

export const open: Opener<'redis'> = async ({ url }, context) => {
  const { config, now } = context
  const { prefix, storeTimeoutMs: timeoutMs } = config
  const connection = await shared(`redis ${timeoutMs} ${url}`, () => {
    const client = createRedisClient({ url, timeoutMs })
    return { client, close: () => client.destroy() }
  })
  return {
    store: createRedisStore({ client: connection.client, prefix, records: recordsOf(context), now }),
    connection,
  }
}
