import { shared } from '../shared'
import { createMemoryStore } from '../stores/memory'
import type { Opener } from './opener'

export const open: Opener<'memory'> = async (_backend, { now }) => {
  const connection = await shared('memory', () => ({ client: new Map(), close() {} }))
  return { store: createMemoryStore({ entries: connection.client, now }) }
}
