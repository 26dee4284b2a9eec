/**
 * Where data lives: in this process. Made for tests and for development in a single process.
 * Who removes the dead: `sweep`, and a bound on the number of sessions: the one longest unused goes first.
 * What survives a restart: nothing.
 * How many processes may share it: one.
 */
import { recordToJson } from '../codec'
import { createNonce, createToken, isToken, storageKey, tagOf } from '../keys'
import type { SessionRecord, SessionStore } from '../store'

export interface MemoryStoreOptions {
  /** Where the records are. A Map keeps the order of insertion; putting an entry again moves it to the end. */
  readonly entries: Map<string, MemoryEntry>
  readonly now: () => number
  readonly maxSessions?: number
}

export interface MemoryEntry {
  /** The public id. */
  readonly tag: string
  readonly record: SessionRecord
  readonly expiresAt: number
  /** A text of its own for each save: a record that moves away and back never has an old one again. */
  readonly version: string
}

export function createMemoryStore({ entries, now, maxSessions = 10_000 }: MemoryStoreOptions): SessionStore {
  function put(key: string, entry: MemoryEntry): void {
    entries.delete(key)
    entries.set(key, entry)
    if (entries.size > maxSessions) entries.delete(entries.keys().next().value as string)
  }

  function live(token: string): MemoryEntry | undefined {
    const entry = entries.get(storageKey(token))
    return entry && now() < entry.expiresAt ? entry : undefined
  }

  return {
    name: 'memory',

    async load(token) {
      if (!isToken(token)) return { refused: 'malformed' }
      const entry = entries.get(storageKey(token))
      if (!entry) return { refused: 'unknown' }
      if (now() >= entry.expiresAt) return { refused: 'expired' }
      return { record: entry.record, version: entry.version, expiresAt: entry.expiresAt }
    },

    async create(record, expiresAt) {
      const token = createToken()
      put(storageKey(token), { tag: tagOf(token), record, expiresAt, version: createNonce() })
      return token
    },

    async update(token, record, expiresAt, version) {
      const entry = live(token)
      if (!entry) return 'gone'
      if (entry.version !== version) return 'conflict'
      put(storageKey(token), { tag: tagOf(token), record, expiresAt, version: createNonce() })
      return { token }
    },

    async touch(token, expiresAt) {
      const entry = live(token)
      if (!entry) return false
      put(storageKey(token), { ...entry, expiresAt })
      return true
    },

    async destroy(token, version) {
      if (version !== undefined && live(token)?.version !== version) return 'conflict'
      entries.delete(storageKey(token))
      return 'ok'
    },

    async import(token, record, expiresAt) {
      if (entries.has(storageKey(token))) return 'conflict'
      put(storageKey(token), { tag: tagOf(token), record, expiresAt, version: createNonce() })
      return 'ok'
    },

    async destroyAll() {
      entries.clear()
    },

    async sweep(at, limit) {
      const dead = [...entries].filter(([, entry]) => at >= entry.expiresAt).slice(0, limit)
      for (const [key] of dead) entries.delete(key)
      return dead.length
    },

    async count() {
      const live = [...entries.values()].filter(({ expiresAt }) => now() < expiresAt).length
      return { live, expired: entries.size - live }
    },

    async list(limit) {
      const live = [...entries].filter(([, { expiresAt }]) => now() < expiresAt).slice(0, limit)
      return live.map(([key, { tag, record, expiresAt }]) => {
        const { createdAt, savedAt } = record
        const bytes = Buffer.byteLength(JSON.stringify(recordToJson(record)))
        return { key, tag, createdAt, savedAt, expiresAt, bytes }
      })
    },

    async end(key) {
      entries.delete(key)
    },

    async inspect() {
      const text =
        'Sessions live in the memory of the server process: no other process sees them, and a restart ends them.'
      return [{ level: 'ok', text }]
    },
  }
}
