import { expect, test } from 'vitest'
import { createKeyring } from '@/lib/session/core/keys'
import { createCookieStore } from '@/lib/session/stores/cookie'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { createMigratingStore } from '@/lib/session/stores/migrating'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { TEST_SECRET } from '@/lib/session/testing/test-site'

const { now } = createFakeClock()
const memory = () => createMemoryStore({ entries: new Map(), records: createTestRecords(now), now })

test('while sessions move, those of both stores are counted', async () => {
  const [to, from] = [memory(), memory()]
  const record = { createdAt: now(), savedAt: now(), avoidTouch: false, data: new Map() }
  for (const store of [to, from, from]) await store.create(record, now() + 1000)
  await from.create(record, now())
  expect(await createMigratingStore({ to, from }).count?.()).toEqual({ live: 3, expired: 1 })
})

test('while sessions move from the browsers, they cannot be counted', () => {
  const from = createCookieStore({ keyring: createKeyring([TEST_SECRET], 'sess'), cookieName: 'sess', now })
  expect(createMigratingStore({ to: memory(), from }).count).toBeUndefined()
})
