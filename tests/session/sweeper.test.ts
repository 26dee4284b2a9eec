import { beforeEach, expect, test, vi } from 'vitest'
import type { SessionEvent } from '@/lib/session/core/events'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { startSweeper, sweepAll } from '@/lib/session/stores/sweeper'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords } from '@/lib/session/testing/test-records'

const HOUR_MS = 3_600_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})

async function storeWithExpired(count: number) {
  const clock = createFakeClock()
  const store = createMemoryStore({
    entries: new Map(),
    records: createTestRecords(clock.now),
    now: clock.now,
  })
  const create = async () =>
    (
      await store.create(
        { createdAt: clock.now(), savedAt: clock.now(), avoidTouch: false, data: new Map() },
        clock.now() + HOUR_MS,
      )
    ).token
  for (let i = 0; i < count; i++) await create()
  clock.advance({ ms: HOUR_MS })
  const live = await create()
  const events: SessionEvent[] = []
  return {
    store,
    live,
    events,
    options: { store, now: clock.now, onEvent: (event: SessionEvent) => events.push(event) },
  }
}

test('the sweeper removes what has expired, in bounded batches, and nothing else', async () => {
  const { store, live, events, options } = await storeWithExpired(5)
  const sweep = vi.spyOn(store, 'sweep')
  startSweeper({ ...options, intervalMs: 1000, batch: 2 })
  await vi.advanceTimersByTimeAsync(1000)
  await vi.waitFor(() => expect(events).not.toEqual([]), { timeout: 20_000 })
  expect(sweep.mock.calls.map(([, limit]) => limit)).toEqual([2, 2, 2])
  expect(events).toEqual([{ event: 'swept', removed: 5 }])
  expect(await store.load(live)).toHaveProperty('record')
})

test('requests get their turn between two batches, also in a store that answers at once', async () => {
  const { store, options } = await storeWithExpired(6)
  const order: string[] = []
  const sweep = store.sweep?.bind(store)
  vi.spyOn(store as Required<typeof store>, 'sweep').mockImplementation(async (...args) => {
    order.push('batch')
    setImmediate(() => order.push('request'))
    return sweep?.(...args) ?? 0
  })
  expect(await sweepAll(store, options.now(), 2)).toBe(6)
  expect(order).toEqual(['batch', 'request', 'batch', 'request', 'batch', 'request', 'batch'])
})

test('a sweep that fails is an event, and the next one tries again', async () => {
  const { store, events, options } = await storeWithExpired(1)
  vi.spyOn(store, 'sweep').mockRejectedValueOnce(new Error('disk gone'))
  startSweeper({ ...options, intervalMs: 1000 })
  await vi.advanceTimersByTimeAsync(2000)
  expect(events).toEqual([
    { event: 'sweep-failed', message: 'disk gone' },
    { event: 'swept', removed: 1 },
  ])
})

test('a slow sweep is not joined by a second one', async () => {
  const { store, options } = await storeWithExpired(1)
  const sweep = vi.spyOn(store, 'sweep').mockReturnValue(new Promise(() => {}))
  startSweeper({ ...options, intervalMs: 1000 })
  await vi.advanceTimersByTimeAsync(5000)
  expect(sweep).toHaveBeenCalledTimes(1)
})

test('the sweeper stops when told to', async () => {
  const { store, options } = await storeWithExpired(1)
  const sweep = vi.spyOn(store, 'sweep')
  startSweeper({ ...options, intervalMs: 1000 })()
  await vi.advanceTimersByTimeAsync(5000)
  expect(sweep).not.toHaveBeenCalled()
})

test('the sweeper never keeps the process alive', async () => {
  vi.useRealTimers()
  const { options } = await storeWithExpired(0)
  const started = vi.spyOn(globalThis, 'setInterval')
  const stop = startSweeper(options)
  expect(started.mock.results[0]?.value.hasRef()).toBe(false)
  stop()
})
