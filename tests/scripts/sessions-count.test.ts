import { expect, test, vi } from 'vitest'
import { readConfig } from '@/lib/session/config/config'
import { commands } from '@/lib/session/ops/commands'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { createTestRecords } from '@/lib/session/testing/test-records'

test.each([
  ['fails', async () => Promise.reject(new Error('too many'))],
  ['takes too long', () => new Promise<never>(() => {})],
])('destroy-all ends every session also when the count %s', async (_how, count) => {
  vi.useFakeTimers()
  const config = readConfig({
    SESSION_SECRET: 'k3Xw-this-test-alone-9QzVr2nXw5tYb7cLd',
    SESSION_STORE: 'redis',
    REDIS_URL: 'redis://localhost',
  })
  const store = createMemoryStore({ entries: new Map(), records: createTestRecords(Date.now), now: Date.now })
  const record = { createdAt: Date.now(), savedAt: Date.now(), avoidTouch: false, data: new Map() }
  const { token } = await store.create(record, Date.now() + 60_000)
  const confirm = vi.fn(async (_question: string) => true)
  const context = { config, store: { ...store, count }, sourceOf: () => undefined, now: Date.now }

  const outcome = commands['destroy-all']?.({ ...context, confirm, isStrict: false })
  await vi.advanceTimersByTimeAsync(5000)

  expect(await outcome).toMatchObject({ ok: true, json: { ended: null } })
  expect(confirm.mock.lastCall?.[0]).toContain('an unknown number')
  expect(await store.load(token)).toEqual({ refused: 'unknown' })
  vi.useRealTimers()
})
