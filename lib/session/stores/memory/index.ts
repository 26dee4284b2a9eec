/**
 * Where data lives: in this process. Made for tests and for development in a single process.
 * Who removes the dead: `sweep`, and a bound on the number of sessions: the one longest unused goes first.
 * What survives a restart: nothing.
 * How many processes may share it: one.
 */

import { ENDED_MS } from '../../core/limits'
import type { Adopting, Saved, SessionRecord, SessionStore } from '../../core/store'
import type { Inspectable, Listing } from '../abilities'
import type { RecordText } from '../record'
import { createNonce, createToken, isToken, storageKey } from '../tokens'

export interface MemoryStoreOptions {
  /** Where the records are. A Map keeps the order of insertion; putting an entry again moves it to the end. */
  readonly entries: Map<string, MemoryEntry>
  readonly records: RecordText
  readonly now: () => number
  readonly maxSessions?: number
}

export interface MemoryEntry {
  /** Of `records`; empty where a session ended a moment ago. */
  readonly text: string
  readonly expiresAt: number
  /** A text of its own for each save: a record that moves away and back never has an old one again. */
  readonly version: string
}

export type MemoryStore = SessionStore & Adopting & Listing & Inspectable

export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { entries, records, now, maxSessions = 10_000 } = options

  function put(name: string, entry: MemoryEntry): void {
    entries.delete(name)
    entries.set(name, entry)
    if (entries.size > maxSessions) entries.delete(entries.keys().next().value as string)
  }

  function write(token: string, record: SessionRecord, expiresAt: number): Saved {
    const version = createNonce()
    put(storageKey(token), { text: records.write(token, record), expiresAt, version })
    return { token, version }
  }

  const isLive = ({ text, expiresAt }: MemoryEntry) => text !== '' && now() < expiresAt

  function live(token: string): MemoryEntry | undefined {
    const entry = entries.get(storageKey(token))
    return entry && isLive(entry) ? entry : undefined
  }

  return {
    name: 'memory',

    async load(token) {
      if (!isToken(token)) return { refused: 'malformed' }
      const name = storageKey(token)
      const entry = entries.get(name)
      if (!entry) return { refused: 'unknown' }
      const { text, version, expiresAt } = entry
      if (text === '') return { refused: now() < expiresAt ? 'ended' : 'unknown' }
      if (now() >= expiresAt) return { refused: 'expired' }
      const found = records.read(name, text)
      return 'refused' in found ? found : { record: found.record, version, expiresAt }
    },

    async create(record, expiresAt) {
      return write(createToken(), record, expiresAt)
    },

    async update(token, record, expiresAt, version) {
      const entry = live(token)
      if (!entry) return 'gone'
      if (entry.version !== version) return 'conflict'
      return write(token, record, expiresAt)
    },

    async touch(token, expiresAt) {
      const entry = live(token)
      if (!entry) return false
      put(storageKey(token), { ...entry, expiresAt })
      return true
    },

    async destroy(token, version, mark) {
      const entry = live(token)
      if (version !== undefined && entry?.version !== version) return 'conflict'
      if (mark === 'unmarked') entries.delete(storageKey(token))
      else if (entry)
        put(storageKey(token), { text: '', expiresAt: now() + ENDED_MS, version: createNonce() })
      return 'ok'
    },

    async adopt(token, record, expiresAt) {
      const entry = entries.get(storageKey(token))
      if (entry && now() < entry.expiresAt) return 'conflict'
      return write(token, record, expiresAt)
    },

    async destroyAll() {
      entries.clear() // in one step: nothing is created or moves meanwhile
    },

    async sweep(at, limit) {
      const dead = [...entries].filter(([, entry]) => at >= entry.expiresAt).slice(0, limit)
      for (const [name] of dead) entries.delete(name)
      return dead.length
    },

    async count() {
      const sessions = [...entries.values()].filter(({ text }) => text !== '')
      const live = sessions.filter(isLive).length
      return { live, expired: sessions.length - live }
    },

    async list(limit) {
      const live = [...entries].filter(([, entry]) => isLive(entry))
      const listed = live.flatMap(([name, { text, expiresAt }]) => records.list(name, text, expiresAt) ?? [])
      return listed.slice(0, limit)
    },

    async destroyNamed(name) {
      if (!('refused' in records.read(name, entries.get(name)?.text))) entries.delete(name)
    },

    async inspect() {
      const text =
        'Sessions live in the memory of the server process: no other process sees them, and a restart ends them.'
      return [{ level: 'ok', text }]
    },
  }
}
