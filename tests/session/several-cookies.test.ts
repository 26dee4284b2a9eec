import { describe, expect, test, vi } from 'vitest'
import { expiredVariants } from '@/lib/session/next/cookie-variants'
import { SessionStoreError } from '@/lib/session/stores/errors'
import { createMemoryStore, type MemoryEntry } from '@/lib/session/stores/memory'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestRecords } from '@/lib/session/testing/test-records'
import type { TestSite } from '@/lib/session/testing/test-site'
import { cookieSite, describeEachStore, memorySite } from './each-store'

async function signedIn(site: TestSite, user: string): Promise<TestBrowser> {
  const browser = new TestBrowser()
  await (await site.open(browser)).set('user', user).save()
  return browser
}

const tokenOf = (browser: TestBrowser) => browser.cookies.get('sess') ?? ''
const touchOf = (browser: TestBrowser) => browser.cookies.get('sess_touch') ?? ''

/** Another cookie of our name: `isFirst`, as one of a longer path or an older one is sent. */
function plant(browser: TestBrowser, value: string, isFirst = true, name = 'sess'): void {
  browser.planted = [...browser.planted, { name, value, path: `/${browser.planted.length}`, isFirst }]
}

describeEachStore('a browser with several cookies of our name', (openSite) => {
  test.each([true, false])(
    'has the session of the one that lives, whichever is first: %s',
    async (isFirst) => {
      const site = openSite()
      const browser = await signedIn(site, 'ada')
      const ended = await signedIn(site, 'old')
      site.clock.advance({ seconds: 1800 })
      await (await site.open(browser)).touch()
      site.clock.advance({ seconds: 1801 })
      for (const value of ['junk', '', tokenOf(ended)]) plant(browser, value, isFirst)

      const session = await site.open(browser)
      expect(session.get('user')).toBe('ada')
      await session.set('seen', true).save()
      expect((await site.open(browser)).toObject()).toEqual({ user: 'ada', seen: true })
      expect(new Set(site.events.map(({ event }) => event))).toEqual(new Set(['several-cookies']))
      expect(site.events[0]).toEqual({ event: 'several-cookies', cookies: 4 })
    },
  )

  test('has the session of the first that lives, when two do', async () => {
    const site = openSite()
    const browser = await signedIn(site, 'ada')
    plant(browser, tokenOf(await signedIn(site, 'grace')))
    expect((await site.open(browser)).get('user')).toBe('grace')
    browser.planted = browser.planted.map((cookie) => ({ ...cookie, isFirst: false }))
    expect((await site.open(browser)).get('user')).toBe('ada')
  })

  test('whose cookies all open nothing, one of them ended a moment ago, saves nothing: the request came late', async () => {
    const site = openSite()
    const browser = await signedIn(site, 'ada')
    const late = browser.copy()
    plant(late, 'junk')
    await (await site.open(browser)).regenerate()
    const session = await site.open(late)
    expect(session.isNew).toBe(true)
    expect(await session.set('user', 'eve').save()).toBe('ended')
    plant(late, tokenOf(browser))
    expect((await site.open(late)).get('user')).toBe('ada')
  })

  test('is a new visitor when none lives, and each cookie is reported with its reason', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    for (const value of ['junk', 'more junk', 'junk']) plant(browser, value)
    expect((await site.open(browser)).isNew).toBe(true)
    expect(site.events).toEqual([
      { event: 'several-cookies', cookies: 2 },
      { event: 'refused', reason: 'malformed' },
      { event: 'refused', reason: 'malformed' },
    ])
  })

  test('costs four looks and no more, however many it sends; the same cookie twice costs one', async () => {
    const site = openSite()
    const browser = await signedIn(site, 'ada')
    const load = vi.spyOn(site.store, 'load')
    for (let count = 0; count < 50; count++) plant(browser, `junk ${count}`)
    expect((await site.open(browser)).isNew).toBe(true)
    expect(load).toHaveBeenCalledTimes(4)

    load.mockClear()
    site.events.length = 0
    browser.planted = []
    for (let count = 0; count < 50; count++) plant(browser, 'junk')
    expect((await site.open(browser)).get('user')).toBe('ada')
    expect(load).toHaveBeenCalledTimes(2)
    expect(site.events).toEqual([{ event: 'several-cookies', cookies: 2 }])
  })

  test('keeps the life of its session by visits, beside junk and touch cookies of others', async () => {
    const site = openSite()
    const browser = await signedIn(site, 'ada')
    const other = await signedIn(site, 'grace')
    plant(browser, 'junk')
    plant(browser, 'junk', true, 'sess_touch')
    plant(browser, touchOf(other), true, 'sess_touch')
    plant(browser, touchOf(browser), true, 'sess_touch') // an old one of its own
    for (let visits = 0; visits < 5; visits++) {
      site.clock.advance({ seconds: 3000 })
      await site.visit(browser)
    }
    expect((await site.open(browser)).get('user')).toBe('ada')
  })

  test('touches on a visit the session that the page shows, and no other', async () => {
    const site = openSite({ limits: { touchMs: 0 } })
    const browser = await signedIn(site, 'ada')
    const grace = await signedIn(site, 'grace')
    plant(browser, tokenOf(grace))
    browser.cookies.set('sess_touch', touchOf(grace))
    const before = touchOf(grace)
    const touch = vi.spyOn(site.store, 'touch')
    site.clock.advance({ seconds: 10 })
    await site.visit(browser)
    expect(touch.mock.calls.map(([token]) => token)).toEqual([tokenOf(grace)])
    expect(touchOf(browser).split('.')[0]).toBe(before.split('.')[0])
    expect((await site.open(browser)).get('user')).toBe('grace')
  })

  test('is signed out of all of them at once', async () => {
    const site = openSite()
    const browser = await signedIn(site, 'ada')
    for (const user of ['grace', 'edsger']) plant(browser, tokenOf(await signedIn(site, user)))
    plant(browser, 'junk', false)
    const place = { host: 'localhost', path: '/0/1' }
    const session = await site.open(browser, {
      variants: (scope) => expiredVariants(site.cookie, place, scope),
    })
    expect(session.get('user')).toBe('grace')
    await session.destroy()
    expect(session.isNew).toBe(true)
    expect(browser.cookies.size).toBe(0)
    expect(browser.planted.map(({ path }) => path)).toEqual(['/1', '/2']) // of paths that no request tells
  })
})

test('a store that fails at one of several cookies is an error, and the next one is not taken for it', async () => {
  const site = memorySite()
  const browser = await signedIn(site, 'ada')
  plant(browser, tokenOf(await signedIn(site, 'grace')))
  vi.spyOn(site.store, 'load').mockRejectedValueOnce(new SessionStoreError('memory', 'load a session'))
  await expect(site.open(browser)).rejects.toMatchObject({ name: 'SessionStoreError' })
  vi.spyOn(site.store, 'load').mockRejectedValueOnce(new SessionStoreError('memory', 'load a session'))
  const sent = browser.received.length
  await site.visit(browser)
  expect(browser.received).toHaveLength(sent)
  expect(site.events.at(-1)).toMatchObject({ event: 'touch-failed' })
})

test('signing out ends the other live sessions in the store too, and writes nothing for junk', async () => {
  const entries = new Map<string, MemoryEntry>()
  const site = memorySite({ entries })
  const browser = await signedIn(site, 'ada')
  plant(browser, tokenOf(await signedIn(site, 'grace')))
  plant(browser, 'A'.repeat(43), false)
  const destroy = vi.spyOn(site.store, 'destroy')
  await (await site.open(browser)).destroy()
  expect(destroy.mock.calls.length).toBe(2)
  const later = createMemoryStore({
    entries,
    records: createTestRecords(site.clock.now),
    now: site.clock.now,
  })
  for (const token of destroy.mock.calls.map(([token]) => token)) {
    expect(await later.load(token)).toHaveProperty('refused')
  }
})

test('with one cookie and a good touch cookie a visit opens nothing; with two it opens until one lives', async () => {
  const site = cookieSite({ limits: { touchMs: 0 } })
  const browser = await signedIn(site, 'ada')
  const load = vi.spyOn(site.store, 'load')
  await site.visit(browser)
  expect(load).not.toHaveBeenCalled()
  plant(browser, 'junk')
  await site.visit(browser)
  expect(load).toHaveBeenCalledTimes(2)
})

describe('a session that avoids touch', () => {
  test('is not prolonged by an old touch cookie of its own that is still there', async () => {
    const site = cookieSite()
    const browser = await signedIn(site, 'ada')
    plant(browser, touchOf(browser), true, 'sess_touch')
    site.clock.advance({ seconds: 100 })
    await (await site.open(browser)).setAvoidTouch(true)
    const sent = browser.received.length
    site.clock.advance({ seconds: 3599 })
    await site.visit(browser)
    expect(browser.received).toHaveLength(sent)
    site.clock.advance({ seconds: 1 })
    expect((await site.open(browser)).isNew).toBe(true)
  })
})
