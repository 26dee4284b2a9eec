import { beforeEach, expect, test, vi } from 'vitest'
import { guardStore } from '@/lib/session/stores/guard'
import { createMemoryStore, type MemoryStore } from '@/lib/session/stores/memory'
import { createFakeClock, type FakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords } from '@/lib/session/testing/test-records'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

const memoryStore = ({ now }: FakeClock) =>
  createMemoryStore({ entries: new Map(), records: createTestRecords(now), now })

const never = () => new Promise<never>(() => {})
const record = { createdAt: 0, savedAt: 0, avoidTouch: false, data: new Map() }

test.each([
  ['load', (store: MemoryStore) => store.load('token')],
  ['create', (store: MemoryStore) => store.create(record, 1)],
  ['update', (store: MemoryStore) => store.update('token', record, 1, 1)],
  ['touch', (store: MemoryStore) => store.touch('token', 1)],
  ['destroy', (store: MemoryStore) => store.destroy('token')],
] as const)('a %s that is never answered is an error at the deadline, not a hang', async (name, call) => {
  const store = memoryStore(createFakeClock())
  vi.spyOn(store, name).mockImplementation(never)
  const outcome = call(guardStore(store, 2000)).catch((error: Error) => error)
  await vi.advanceTimersByTimeAsync(1999)
  expect(await Promise.race([outcome, 'waiting'])).toBe('waiting')
  await vi.advanceTimersByTimeAsync(1)
  const error = (await outcome) as Error
  expect(error).toMatchObject({ name: 'SessionStoreError', store: 'memory' })
  expect((error.cause as Error).message).toContain('no answer in 2000 ms')
})

test.each([
  ['count', (store: MemoryStore) => store.count()],
  ['inspect', (store: MemoryStore) => store.inspect()],
] as const)('a %s, which looks at every session, has a minute', async (name, call) => {
  const store = memoryStore(createFakeClock())
  vi.spyOn(store, name).mockImplementation(never)
  const outcome = call(guardStore(store, 2000)).catch((error: Error) => error)
  await vi.advanceTimersByTimeAsync(59_999)
  expect(await Promise.race([outcome, 'waiting'])).toBe('waiting')
  await vi.advanceTimersByTimeAsync(1)
  expect(await outcome).toMatchObject({ store: 'memory', cause: new Error('no answer in 60000 ms') })
})

test('an answer that comes after the deadline disturbs nobody', async () => {
  const store = memoryStore(createFakeClock())
  const late = Promise.withResolvers<never>()
  vi.spyOn(store, 'load').mockReturnValue(late.promise)
  const outcome = guardStore(store, 10)
    .load('token')
    .catch((error: Error) => error.name)
  await vi.advanceTimersByTimeAsync(10)
  expect(await outcome).toBe('SessionStoreError')
  late.reject(new Error('too late'))
})

test('an answer in time leaves no timer behind', async () => {
  const store = memoryStore(createFakeClock())
  await guardStore(store, 2000).load('token')
  expect(vi.getTimerCount()).toBe(0)
})
