import { expect, test, vi } from 'vitest'
import { lazyStore } from '@/lib/session/stores/guard'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { createTestSite } from '@/lib/session/testing/test-site'

const failing = () => Promise.reject(new Error('connection refused'))

test('a visitor without a cookie is served although the store cannot be opened', async () => {
  const open = vi.fn(failing)
  const site = createTestSite({ store: () => lazyStore('memory', open) })
  const browser = new TestBrowser()
  await site.visit(browser)
  expect((await site.open(browser)).isNew).toBe(true)
  expect(open).not.toHaveBeenCalled()
})

test('one with a cookie is served by a page that does not use the session, and gets an error from one that does', async () => {
  const site = createTestSite({ store: () => lazyStore('memory', failing) })
  const browser = new TestBrowser()
  browser.cookies.set('sess', 'A'.repeat(43))
  await site.visit(browser)
  expect(site.events).toEqual([
    { event: 'touch-failed', message: 'The session store "memory" failed to open.' },
  ])
  await expect(site.open(browser)).rejects.toMatchObject({ name: 'SessionStoreError' })
  expect(browser.cookies.size).toBe(1)
})

test('a list of a store that has none is an error that says what to do, whatever the store is called', async () => {
  const { list: _, ...listless } = createMemoryStore({
    entries: new Map(),
    records: createTestRecords(Date.now),
    now: Date.now,
  })
  const messageOf = (name: string) =>
    lazyStore(name, async () => listless)
      .list(1)
      .catch(({ message }: Error) => message.replace(name, 'NAME'))
  expect(await messageOf('own')).toBe(
    'The session store "NAME" cannot list sessions. It does not know which there are; SESSION_STORE chooses one that does.',
  )
  expect(await messageOf('cookie')).toBe(await messageOf('own'))
})

test('the next call after a failed opening tries again', async () => {
  const clock = createFakeClock()
  const memory = createMemoryStore({
    entries: new Map(),
    records: createTestRecords(clock.now),
    now: clock.now,
  })
  const open = vi.fn(async () => memory).mockImplementationOnce(failing)
  const store = lazyStore('memory', open)
  await expect(store.load('A'.repeat(43))).rejects.toMatchObject({ name: 'SessionStoreError' })
  expect(await store.load('A'.repeat(43))).toEqual({ refused: 'unknown' })
  await store.load('A'.repeat(43))
  expect(open).toHaveBeenCalledTimes(2)
})
