import { describe, test } from 'vitest'
import { createKeyring } from '@/lib/session/keys'
import type { SessionStore } from '@/lib/session/store'
import { createCookieStore } from '@/lib/session/stores/cookie'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { createFakeClock, type FakeClock } from '@/lib/session/testing/fake-clock'
import { type StoreAbilities, storeContract } from '@/lib/session/testing/store-contract'
import { TEST_SECRET } from '@/lib/session/testing/test-site'

interface StoreUnderContract {
  open(clock: FakeClock): SessionStore
  abilities?: StoreAbilities
}

const stores: Record<string, StoreUnderContract> = {
  cookie: {
    open: () => createCookieStore({ keyring: createKeyring([TEST_SECRET], 'sess'), cookieName: 'sess' }),
    abilities: { expiry: false, compareAndSwap: false, revocation: false },
  },
  memory: { open: ({ now }) => createMemoryStore({ entries: new Map(), now }) },
}

describe.each(Object.entries(stores))('the %s store', (_name, { open, abilities }) => {
  for (const { title, run } of storeContract(abilities)) {
    test(title, async () => {
      const clock = createFakeClock()
      await run(open(clock), clock)
    })
  }
})
