import { describe, expect, test } from 'vitest'
import { SessionStoreError } from '@/lib/session/stores/errors'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestSite } from '@/lib/session/testing/test-site'
import { backendNames, newBackend, openTestStore, type TestBackend } from './backends'

const SERVERS = ['postgres', 'redis', 'memcached']
/** Far above any deadline here, and far below a hang. */
const LONG_MS = 15_000

async function openSite(backend: TestBackend) {
  const clock = createFakeClock()
  const store = await openTestStore({ env: { ...backend.env, SESSION_STORE_TIMEOUT_MS: '1500' } }, clock.now)
  const site = createTestSite({ store: () => store, clock, limits: { touchMs: 0 } })
  const browser = new TestBrowser()
  await (await site.open(browser)).set('n', 1).save()
  return { site, browser, cookies: new Map(browser.cookies) }
}

type Trouble = (backend: TestBackend) => Promise<void> | undefined
const troubles: [name: string, title: string, trouble: Trouble][] = [
  ...backendNames.map((name): [string, string, Trouble] => [name, 'is down', (backend) => backend.stop()]),
  ...SERVERS.map((name): [string, string, Trouble] => [name, 'never answers', (backend) => backend.hang?.()]),
]

describe.each(troubles)('while %s %s', (name, _title, trouble) => {
  test('a visitor without a cookie is served, and one with a cookie gets an error and keeps it', async () => {
    const backend = await newBackend(name)
    const { site, browser, cookies } = await openSite(backend)
    await trouble(backend)
    const stranger = new TestBrowser()
    expect((await site.open(stranger)).isNew).toBe(true)
    const started = performance.now()
    await expect(site.open(browser)).rejects.toThrow(SessionStoreError)
    expect(performance.now() - started).toBeLessThan(LONG_MS)
    expect(browser.cookies).toEqual(cookies)
  })

  test('a save is an error that sends no cookie, and overwrites nothing', async () => {
    const backend = await newBackend(name)
    const { site, browser, cookies } = await openSite(backend)
    const [session, leaving] = [await site.open(browser), await site.open(browser)]
    await trouble(backend)
    await expect(session.set('n', 2).save()).rejects.toThrow(SessionStoreError)
    await expect(leaving.destroy()).rejects.toThrow(SessionStoreError)
    await expect((await site.open(new TestBrowser())).set('n', 3).save()).rejects.toThrow(SessionStoreError)
    expect(browser.cookies).toEqual(cookies)
  })

  test('a visit goes on without its touch, and says so', async () => {
    const backend = await newBackend(name)
    const { site, browser, cookies } = await openSite(backend)
    await trouble(backend)
    site.clock.advance({ seconds: 60 })
    await site.visit(browser)
    expect(site.events).toMatchObject([{ event: 'touch-failed' }])
    expect(browser.cookies).toEqual(cookies)
  })

  test('nothing is lost: the next request after its return works, every time', async () => {
    const backend = await newBackend(name)
    const { site, browser } = await openSite(backend)
    for (let round = 1; round <= 3; round++) {
      await trouble(backend)
      await Promise.all([1, 2, 3].map(() => expect(site.open(browser)).rejects.toThrow(SessionStoreError)))
      await backend.start()
      const session = await site.open(browser)
      expect(session.get('n')).toBe(round)
      expect(await session.set('n', round + 1).save()).toBe('saved')
    }
  })
})
