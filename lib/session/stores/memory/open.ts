import { shared } from '../connections'
import { type Opener, recordsOf } from '../opener'
import { createMemoryStore } from '.'

export const open: Opener<'memory'> = async (_backend, context) => {
  const connection = await shared('memory', () => ({ client: new Map(), close() {} }))
  return {
    store: createMemoryStore({ entries: connection.client, records: recordsOf(context), now: context.now }),
  }
}
