import { randomUUID } from 'node:crypto'
import { recordFromJson, recordToJson } from '@/lib/session/codec'
import { createToken, isToken, storageKey } from '@/lib/session/keys'
import type { SessionRecord, SessionStore } from '@/lib/session/store'

export interface ExampleStoreOptions {
  /** Stands for the connected client of your server. */
  readonly client: Map<string, { text: string; version: string; expiresAt: number }>
  readonly now: () => number
}

/** Where data lives: in the client. Who removes the dead: `sweep`. Nothing survives a restart. One process. */
export function createExampleStore({ client, now }: ExampleStoreOptions): SessionStore {
  const entry = (record: SessionRecord, expiresAt: number) => {
    return { text: JSON.stringify(recordToJson(record)), version: randomUUID(), expiresAt }
  }
  const live = (token: string) => {
    const found = client.get(storageKey(token)) // the key is the SHA-256 of the token
    return found && now() < found.expiresAt ? found : undefined
  }
  return {
    name: 'example',
    async load(token) {
      if (!isToken(token)) return { refused: 'malformed' }
      const found = live(token)
      if (!found) return { refused: client.has(storageKey(token)) ? 'expired' : 'unknown' }
      const record = recordFromJson(JSON.parse(found.text), now())
      return record ? { ...found, record } : { refused: 'malformed' }
    },
    async create(record, expiresAt) {
      const token = createToken()
      client.set(storageKey(token), entry(record, expiresAt))
      return token
    },
    async update(token, record, expiresAt, version) {
      const found = live(token) // on a server, compare and write in one step: a script, or UPDATE … WHERE version = …
      if (!found) return 'gone'
      if (found.version !== version) return 'conflict'
      client.set(storageKey(token), entry(record, expiresAt))
      return { token }
    },
    async touch(token, expiresAt) {
      const found = live(token)
      if (found) client.set(storageKey(token), { ...found, expiresAt }) // the version stays: a touch is no change
      return found !== undefined
    },
    async destroy(token, version) {
      if (version !== undefined && live(token)?.version !== version) return 'conflict'
      client.delete(storageKey(token))
      return 'ok'
    },
    async destroyAll() {
      client.clear() // on a shared server: the keys with our prefix, and no others
    },
    async sweep(at, limit) {
      const dead = [...client].filter(([, { expiresAt }]) => expiresAt <= at).slice(0, limit)
      for (const [key] of dead) client.delete(key)
      return dead.length
    },
  }
}
