import { expect, test } from 'vitest'
import { SessionStoreError } from '@/lib/session/errors'
import { storageKey } from '@/lib/session/keys'
import type { SessionStore } from '@/lib/session/store'
import { createMemoryStore, type MemoryEntry } from '@/lib/session/stores/memory'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { type StoreUnderTest, storeContract } from '@/lib/session/testing/store-contract'
import { createTestRecords } from '@/lib/session/testing/test-records'

/** A sound store whose backend can be looked into and can fail, to be broken in one place. */
interface Backend {
  readonly store: SessionStore
  readonly entries: Map<string, MemoryEntry>
  /** What else the backend holds. */
  readonly extra: string[]
  isDown: boolean
}

type Break = (sound: SessionStore, backend: Backend) => Partial<SessionStore>

/** One fault each, and the case of the contract that must notice it. */
const faults: Record<string, [caughtBy: string, Break]> = {
  'a touch that brings a destroyed session back': [
    'a destroyed session is gone: no load, touch or update brings it back',
    (sound, { entries }) => {
      const destroyed = new Map<string, MemoryEntry>()
      return {
        async destroy(token, version) {
          const entry = entries.get(storageKey(token))
          if (entry) destroyed.set(token, entry)
          return sound.destroy(token, version)
        },
        async touch(token, expiresAt) {
          const entry = destroyed.get(token)
          if (entry) entries.set(storageKey(token), { ...entry, expiresAt })
          return sound.touch(token, expiresAt)
        },
      }
    },
  ],
  'an update that does not compare': [
    'answers conflict to a save that is based on an old version, and keeps the newer record',
    (sound, { entries }) => ({
      update: (token, record, expiresAt) =>
        sound.update(token, record, expiresAt, entries.get(storageKey(token))?.version),
    }),
  ],
  'an expiry that is ignored': [
    'says when a record expires, and refuses it from that moment on',
    (sound, { entries }) => ({
      async load(token) {
        const { text, version, expiresAt } = entries.get(storageKey(token)) ?? {}
        const found = createTestRecords(() => Infinity).read(storageKey(token), text)
        if ('refused' in found) return sound.load(token)
        return { record: found.record, version, expiresAt: expiresAt ?? null }
      },
    }),
  ],
  'a write in two steps': [
    'a load during many saves gets one of the records, whole, and never none',
    (sound, { entries }) => ({
      async update(token, record, expiresAt, version) {
        const result = await sound.update(token, record, expiresAt, version)
        const entry = entries.get(storageKey(token))
        if (entry && typeof result === 'object') {
          entries.delete(storageKey(token))
          await Promise.resolve()
          entries.set(storageKey(token), entry)
        }
        return result
      },
    }),
  ],
  'a token that is kept in clear': [
    'keeps no token, and what it keeps instead opens nothing',
    (sound, { extra }) => ({
      async create(record, expiresAt) {
        const token = await sound.create(record, expiresAt)
        extra.push(token)
        return token
      },
    }),
  ],
  'a failure that is answered as if there were no session': [
    'a backend that fails is an error of each call, never an answer',
    (sound, backend) => ({
      load: async (token) => (backend.isDown ? { refused: 'unknown' } : sound.load(token)),
    }),
  ],
}

const sound: Break = () => ({})

function newSubject(fault: Break): StoreUnderTest {
  const clock = createFakeClock()
  const entries = new Map<string, MemoryEntry>()
  const memory = createMemoryStore({ entries, records: createTestRecords(clock.now), now: clock.now })
  const backend: Backend = { store: memory, entries, extra: [], isDown: false }
  const failing = new Proxy(memory, {
    get(target, name) {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        if (backend.isDown) throw new SessionStoreError('broken', String(name))
        return method(...args)
      }
    },
  })
  const { load, create, update, touch, destroy, destroyAll, import: move } = failing
  const methods = { load, create, update, touch, destroy, destroyAll, ...(move && { import: move }) }
  return {
    clock,
    store: { name: 'broken', ...methods, ...fault(failing, backend) },
    dump: async () => JSON.stringify([backend.extra, [...entries].map(([key, { text }]) => [key, text])]),
    breakDown: async () => {
      backend.isDown = true
    },
  }
}

/** The titles of the cases that a store fails. */
async function failuresOf(fault: Break): Promise<string[]> {
  const titles: string[] = []
  for (const { title, run } of storeContract()) {
    await run(newSubject(fault)).catch(() => titles.push(title))
  }
  return titles
}

test('the contract has nothing to say against the sound store that the others are made of', async () => {
  expect(await failuresOf(sound)).toEqual([])
})

test.each(Object.entries(faults))('the contract catches %s', async (_name, [caughtBy, fault]) => {
  expect(await failuresOf(fault)).toContain(caughtBy)
})
