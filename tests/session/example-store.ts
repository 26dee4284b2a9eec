import { randomUUID } from 'node:crypto'
import { ENDED_MS } from '@/lib/session/core/limits'
import type { SessionStore } from '@/lib/session/core/store'
import type { RecordText } from '@/lib/session/stores/record'
import { createToken, isToken, storageKey } from '@/lib/session/stores/tokens'

export interface ExampleStoreOptions {
  /** Stands for the connected client of your server. */
  readonly client: Map<string, { text: string; version: string; expiresAt: number }>
  /** Writes records as signed texts, and reads them. */
  readonly records: RecordText
  readonly now: () => number
}

/** Where the data is: in the client. What removes expired sessions: `sweep`. Nothing survives a restart. One process. */
export function createExampleStore({ client, records, now }: ExampleStoreOptions): SessionStore {
  const live = (token: string) => {
    const found = client.get(storageKey(token)) // the key is the SHA-256 of the token
    return found?.text && now() < found.expiresAt ? found : undefined
  }
  const put = (token: string, text: string, expiresAt: number) => {
    const version = randomUUID()
    client.set(storageKey(token), { text, version, expiresAt })
    return { token, version } // the next save of this request compares with this version
  }
  return {
    name: 'example',
    async load(token) {
      if (!isToken(token)) return { refused: 'malformed' }
      const found = client.get(storageKey(token))
      if (!found) return { refused: 'unknown' }
      const hasTime = now() < found.expiresAt
      if (found.text === '') return { refused: hasTime ? 'ended' : 'unknown' }
      if (!hasTime) return { refused: 'expired' }
      const read = records.read(storageKey(token), found.text) // refuses what this app did not store under this key
      return 'refused' in read ? read : { ...found, record: read.record }
    },
    async create(record, expiresAt) {
      const token = createToken()
      return put(token, records.write(token, record), expiresAt) // SessionTooLargeError above SESSION_MAX_BYTES
    },
    async update(token, record, expiresAt, version) {
      const found = live(token) // on a server, compare and write in one step: a script, or UPDATE … WHERE version = …
      if (!found) return 'gone'
      if (found.version !== version) return 'conflict'
      return put(token, records.write(token, record), expiresAt)
    },
    async touch(token, expiresAt) {
      const found = live(token)
      if (found) client.set(storageKey(token), { ...found, expiresAt }) // the version stays: a touch is no change
      return found !== undefined
    },
    async destroy(token, version, mark) {
      const found = live(token)
      if (version !== undefined && found?.version !== version) return 'conflict'
      if (found) {
        if (mark === 'unmarked') client.delete(storageKey(token))
        else put(token, '', now() + ENDED_MS) // no text: the session ended a moment ago
      }
      return 'ok'
    },
    async destroyAll() {
      client.clear() // in one step; where that takes several, a stored epoch makes it exact
    },
    async sweep(at, limit) {
      const dead = [...client].filter(([, { expiresAt }]) => expiresAt <= at).slice(0, limit)
      for (const [key] of dead) client.delete(key)
      return dead.length
    },
  }
}
