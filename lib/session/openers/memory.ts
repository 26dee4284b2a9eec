import { shared } from '../shared'
import { createMemoryStore } from '../stores/memory'
import { type Opener, recordsOf } from './opener'

export const open: Opener<'memory'> = async (_backend, context) => {
  const connection = await shared('memory', () => ({ client: new Map(), close() {} }))
  return {
    store: createMemoryStore({ entries: connection.client, records: recordsOf(context), now: context.now }),
  }
}
