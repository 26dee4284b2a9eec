import { describe, test } from 'vitest'
import { withDeadline } from '@/lib/session/deadline'
import { createKeyring } from '@/lib/session/keys'
import { lazyStore } from '@/lib/session/lazy-store'
import { createCookieStore } from '@/lib/session/stores/cookie'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { createFakeClock, type FakeClock } from '@/lib/session/testing/fake-clock'
import { type StoreAbilities, type StoreUnderTest, storeContract } from '@/lib/session/testing/store-contract'
import { TEST_SECRET } from '@/lib/session/testing/test-site'
import { backendNames, newBackend, openTestStore } from './backends'

const memoryStore = ({ now }: FakeClock) => createMemoryStore({ entries: new Map(), now })

/** Stores without a backend outside this process. */
const local: Record<string, [open: (clock: FakeClock) => StoreUnderTest['store'], Partial<StoreAbilities>]> =
  {
    cookie: [
      ({ now }) =>
        createCookieStore({ keyring: createKeyring([TEST_SECRET], 'sess'), cookieName: 'sess', now }),
      { expiry: false, compareAndSwap: false, revocation: false, import: false, dataBytes: 2000 },
    ],
    memory: [memoryStore, {}],
    'memory, with a deadline': [(clock) => withDeadline(memoryStore(clock), 2000), {}],
    'memory, opened by its first call': [
      (clock) => lazyStore('memory', async () => memoryStore(clock)),
      { import: false },
    ],
  }

describe.each(Object.entries(local))('the %s store', (_name, [open, abilities]) => {
  for (const { title, run } of storeContract({ ...abilities, backend: false })) {
    test(title, async () => {
      const clock = createFakeClock()
      await run({ store: open(clock), clock })
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
      await run({ store, clock, dump: backend.dump, breakDown: backend.stop })
    })
  }
})
