import { describe, test } from 'vitest'
import { createKeyring } from '@/lib/session/core/keys'
import { createCookieStore } from '@/lib/session/stores/cookie'
import { guardStore, lazyStore } from '@/lib/session/stores/guard'
import { createMemoryStore, type MemoryEntry } from '@/lib/session/stores/memory'
import { createFakeClock, type FakeClock } from '@/lib/session/testing/fake-clock'
import { type StoreAbilities, type StoreUnderTest, storeContract } from '@/lib/session/testing/store-contract'
import { createTestRecords, TEST_SECRET } from '@/lib/session/testing/test-records'
import { backendNames, newBackend, OTHER_SECRET, openTestStore } from './backends'

/** Stores on what one process holds: two apps can share it. */
const memoryStore = ({ now }: FakeClock, entries = new Map<string, MemoryEntry>(), secret = TEST_SECRET) =>
  createMemoryStore({ entries, records: createTestRecords(now, { secret }), now })

type OpenSubject = (clock: FakeClock) => Pick<StoreUnderTest, 'store' | 'foreign'>

/** Stores without a backend outside this process. */
const local: Record<string, [open: OpenSubject, Partial<StoreAbilities>]> = {
  cookie: [
    ({ now }) => ({
      store: createCookieStore({ keyring: createKeyring([TEST_SECRET], 'sess'), cookieName: 'sess', now }),
    }),
    {
      expiry: false,
      compareAndSwap: false,
      revocation: false,
      adopt: false,
      dataBytes: 2000,
      maxBytes: 4096,
    },
  ],
  memory: [
    (clock) => {
      const entries = new Map<string, MemoryEntry>()
      return { store: memoryStore(clock, entries), foreign: memoryStore(clock, entries, OTHER_SECRET) }
    },
    {},
  ],
  'memory, with a deadline': [(clock) => ({ store: guardStore(memoryStore(clock), 2000) }), {}],
  'memory, opened by its first call': [
    (clock) => ({ store: lazyStore('memory', async () => memoryStore(clock)) }),
    { adopt: false },
  ],
}

describe.each(Object.entries(local))('the %s store', (_name, [open, abilities]) => {
  for (const { title, run } of storeContract({ ...abilities, backend: false })) {
    test(title, async () => {
      const clock = createFakeClock()
      await run({ ...open(clock), clock })
    })
  }
})

describe.each(backendNames)('the %s store, on the real thing', (name) => {
  // memcached: the record and its overhead have to fit into an item of 1 MiB
  for (const { title, run } of storeContract(name === 'memcached' ? { dataBytes: 900_000 } : {})) {
    test(title, async () => {
      const clock = createFakeClock()
      const backend = await newBackend(name)
      const store = await openTestStore(backend, clock.now)
      const foreign = await openTestStore(backend, clock.now, OTHER_SECRET)
      const { dump, keep, stop: breakDown } = backend
      await run({ store, foreign, clock, dump, breakDown, ...(keep && { keep }) })
    })
  }
})
