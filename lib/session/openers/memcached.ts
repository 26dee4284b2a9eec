import { shared } from '../shared'
import { createMemcachedClients, createMemcachedStore } from '../stores/memcached'
import type { Opener } from './opener'

export const open: Opener<'memcached'> = async ({ servers }, { config, now }) => {
  const { prefix, storeTimeoutMs: timeoutMs } = config
  const connection = await shared(`memcached ${timeoutMs} ${servers}`, () => {
    const client = createMemcachedClients({ servers, timeoutMs })
    return {
      client,
      close() {
        for (const each of client.values()) each.shutdown()
      },
    }
  })
  return { store: createMemcachedStore({ clients: connection.client, prefix, now }), connection }
}
