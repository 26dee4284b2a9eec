import { expect, test } from 'vitest'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords } from '@/lib/session/testing/test-records'

const HOUR_MS = 3_600_000

function openStore(maxSessions?: number) {
  const clock = createFakeClock()
  const bound = maxSessions === undefined ? {} : { maxSessions }
  const store = createMemoryStore({
    entries: new Map(),
    records: createTestRecords(clock.now),
    now: clock.now,
    ...bound,
  })
  const create = async () =>
    (
      await store.create(
        { createdAt: clock.now(), savedAt: clock.now(), avoidTouch: false, data: new Map() },
        clock.now() + HOUR_MS,
      )
    ).token
  return { clock, store, create }
}

test('the memory store forgets the session longest unused when there are too many', async () => {
  const { clock, store, create } = openStore(2)
  const [first, second] = [await create(), await create()]
  await store.touch(first, clock.now() + 2 * HOUR_MS)
  const third = await create()
  expect(await store.load(second)).toEqual({ refused: 'unknown' })
  for (const token of [first, third]) expect(await store.load(token)).toHaveProperty('record')
})

test('a sweep of the memory store removes the expired, in bounded batches, and nothing else', async () => {
  const { clock, store, create } = openStore()
  for (let i = 0; i < 3; i++) await create()
  clock.advance({ ms: HOUR_MS })
  const live = await create()
  expect([await store.sweep?.(clock.now(), 2), await store.sweep?.(clock.now(), 2)]).toEqual([2, 1])
  expect(await store.sweep?.(clock.now(), 2)).toBe(0)
  expect(await store.load(live)).toHaveProperty('record')
})
