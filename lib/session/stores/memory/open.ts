import { sharedConnection } from '../connections'
import { type OpenStore, recordsOf } from '../context'
import { createMemoryStore } from '.'
import type { MemoryOptions } from './about'

export const open: OpenStore<MemoryOptions> = async (_options, context) => {
  const connection = await sharedConnection('memory', () => ({ client: new Map(), close() {} }))
  return {
    store: createMemoryStore({ entries: connection.client, records: recordsOf(context), now: context.now }),
  }
}
