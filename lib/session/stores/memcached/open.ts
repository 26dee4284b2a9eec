import { sharedConnection } from '../connections'
import { type OpenStore, recordsOf } from '../context'
import { createMemcachedClients, createMemcachedStore } from '.'
import type { MemcachedOptions } from './about'

export const open: OpenStore<MemcachedOptions> = async ({ servers }, context) => {
  const { config, now } = context
  const { prefix, storeTimeoutMs: timeoutMs } = config
  const connection = await sharedConnection(`memcached ${timeoutMs} ${servers}`, () => {
    const client = createMemcachedClients({ servers, timeoutMs })
    return {
      client,
      close() {
        for (const each of client.values()) each.shutdown()
      },
    }
  })
  return {
    store: createMemcachedStore({ clients: connection.client, prefix, records: recordsOf(context), now }),
    connection,
  }
}
