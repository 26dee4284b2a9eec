import { expect, test } from 'vitest'
import { around } from '@/lib/session/core/around'
import { ENDED_MS } from '@/lib/session/core/limits'
import type { SessionStore } from '@/lib/session/core/store'
import { SessionStoreError } from '@/lib/session/stores/errors'
import { createMemoryStore, type MemoryEntry, type MemoryStore } from '@/lib/session/stores/memory'
import { storageKey } from '@/lib/session/stores/tokens'
import { createFakeClock, type FakeClock } from '@/lib/session/testing/fake-clock'
import { type StoreUnderTest, storeContract } from '@/lib/session/testing/store-contract'
import { createTestRecords } from '@/lib/session/testing/test-records'

/** A sound store whose backend can be looked into and can fail, to be broken in one place. */
interface Backend {
  readonly store: SessionStore
  readonly entries: Map<string, MemoryEntry>
  /** Of another app, on the same entries. */
  readonly foreign: SessionStore
  readonly clock: FakeClock
  /** What else the backend holds. */
  readonly extra: string[]
  isDown: boolean
}

type Break = (sound: MemoryStore, backend: Backend) => Partial<MemoryStore> & Pick<StoreUnderTest, 'keep'>

/** One fault each, and the case of the contract that must notice it. */
const faults: Record<string, [caughtBy: string, Break]> = {
  'an update that returns another version than it stored': [
    'a write returns the version that a load then finds, and a next save needs no load',
    (sound) => ({
      async update(...args) {
        const saved = await sound.update(...args)
        return typeof saved === 'object' ? { ...saved, version: 'another' } : saved
      },
    }),
  ],
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
    'returns conflict to a save that is based on an old version, and keeps the newer record',
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
        const created = await sound.create(record, expiresAt)
        extra.push(created.token)
        return created
      },
    }),
  ],
  'a destroy that leaves no mark': [
    'a session that was destroyed a moment ago reads as ended, and nothing is stored for it',
    (sound) => ({ destroy: (token, version) => sound.destroy(token, version, 'unmarked') }),
  ],
  'a mark for what never was': [
    'only a live session leaves a mark when it is destroyed',
    (sound, { entries, clock }) => ({
      async destroy(token, version, mark) {
        const result = await sound.destroy(token, version, mark)
        if (result === 'ok' && mark !== 'unmarked') entries.set(storageKey(token), markAt(clock))
        return result
      },
    }),
  ],
  'a mark that another logout prolongs': [
    'what ended is unknown after a minute, however often it is destroyed again',
    (sound, { entries, clock }) => ({
      async destroy(token, version, mark) {
        if (entries.get(storageKey(token))?.text === '') entries.set(storageKey(token), markAt(clock))
        return sound.destroy(token, version, mark)
      },
    }),
  ],
  'a mark where an operator ends a session': [
    'leaves no mark where none is wanted, nor where an operator ends sessions',
    (_sound, { entries, clock }) => ({
      async destroyNamed(key) {
        entries.set(key, markAt(clock))
      },
    }),
  ],
  'marks that are counted': [
    'what ended is neither counted nor listed',
    (_sound, { entries }) => ({
      count: async () => ({ live: entries.size, expired: 0 }),
    }),
  ],
  'records of other apps': [
    'a session of another app on the same backend opens nothing, and is neither listed nor ended by its name',
    (sound, { foreign }) => ({
      async load(token) {
        const found = await sound.load(token)
        return 'refused' in found && found.refused !== 'ended' ? foreign.load(token) : found
      },
    }),
  ],
  'an operator who ends the sessions of other apps': [
    'a session of another app on the same backend opens nothing, and is neither listed nor ended by its name',
    (_sound, { entries }) => ({
      async destroyNamed(key) {
        entries.delete(key)
      },
    }),
  ],
  'times that are not looked at': [
    'refuses a record whose times cannot be, and allows a clock that is a minute ahead',
    (sound, { entries }) => ({
      async load(token) {
        const found = await sound.load(token)
        if (!('refused' in found) || found.refused !== 'malformed') return found
        const { text = '', version } = entries.get(storageKey(token)) ?? {}
        const { c, s } = JSON.parse(text.slice(text.indexOf('{')) || '{}')
        const record = { createdAt: c, savedAt: s, avoidTouch: false, data: new Map() }
        return c === undefined ? found : { record, version, expiresAt: null }
      },
    }),
  ],
  'a limit that counts nothing': [
    'refuses a record with 1048576 bytes of data, naming the heaviest key, and keeps the old one',
    (_sound, { entries, clock }) => {
      const records = createTestRecords(clock.now, { maxBytes: Infinity })
      return createMemoryStore({ entries, records, now: clock.now })
    },
  ],
  'a regenerate that does not notice that all were ended': [
    "ends everyone's sessions under way: what was loaded before is neither saved, touched nor regenerated",
    (sound) => ({
      async destroy(token, version, mark) {
        const result = await sound.destroy(token, version, mark)
        return 'record' in (await sound.load(token)) ? result : 'ok'
      },
    }),
  ],
  'an end of all sessions that takes what it met for all there is': [
    "what a look at all sessions did not meet is dead all the same when everyone's were ended",
    (_sound, { entries }) => ({
      async keep() {
        const kept = [...entries]
        return async () => {
          for (const [key, entry] of kept) if (!entries.has(key)) entries.set(key, entry)
        }
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

const markAt = ({ now }: FakeClock): MemoryEntry => ({ text: '', version: '', expiresAt: now() + ENDED_MS })

function newSubject(fault: Break): StoreUnderTest {
  const clock = createFakeClock()
  const entries = new Map<string, MemoryEntry>()
  const memory = createMemoryStore({ entries, records: createTestRecords(clock.now), now: clock.now })
  const foreign = createMemoryStore({
    entries,
    records: createTestRecords(clock.now, { secret: 'of another app: 0123456789abcdefghijklmnop' }),
    now: clock.now,
  })
  const backend: Backend = { store: memory, entries, foreign, clock, extra: [], isDown: false }
  const failing = around(memory, async (call, run) => {
    if (backend.isDown) throw new SessionStoreError('broken', call)
    return run()
  })
  const { keep, ...broken } = fault(failing, backend)
  return {
    clock,
    store: { ...failing, name: 'broken', ...broken },
    foreign,
    ...(keep && { keep }),
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
