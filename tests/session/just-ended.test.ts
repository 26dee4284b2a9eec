import { expect, test } from 'vitest'
import { ENDED_MS } from '@/lib/session/core/limits'
import type { Session } from '@/lib/session/core/session'
import { canList } from '@/lib/session/stores/abilities'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import type { TestSite } from '@/lib/session/testing/test-site'
import { describeEachStore, memorySite } from './each-store'

type End = 'regenerate' | 'destroy'

/** A browser whose session has just ended or got another token, and its cookies from before, as a late request sends them. */
async function justEnded(site: TestSite, end: End): Promise<{ browser: TestBrowser; late: TestBrowser }> {
  const browser = new TestBrowser()
  await (await site.open(browser)).set('user', 'ada').save()
  const late = browser.copy()
  await (await site.open(browser))[end]()
  site.clock.advance({ ms: ENDED_MS - 1 })
  return { browser, late }
}

const writes: Record<string, (session: Session<Record<string, unknown>>) => Promise<unknown>> = {
  save: (session) => session.set('n', 1).save(),
  regenerate: (session) => session.regenerate(),
  touch: (session) => session.touch(),
  setAvoidTouch: (session) => session.setAvoidTouch(true),
}

describeEachStore('a request that comes late', (openSite) => {
  test.each<End>(['regenerate', 'destroy'])(
    'after %s reads an empty session, and its writes are ended',
    async (end) => {
      const site = openSite()
      const { browser, late } = await justEnded(site, end)
      const session = await site.open(late)
      expect([session.isNew, session.id, session.size]).toEqual([true, null, 0])
      expect(site.events.splice(0)).toEqual([{ event: 'refused', reason: 'ended' }])
      const live = async () => (canList(site.store) ? (await site.store.count()).live : undefined)
      const stored = await live()
      for (const [operation, write] of Object.entries(writes)) {
        expect(await write(session), operation).toBe('ended')
        expect(site.events.splice(0)).toMatchObject([{ event: 'ended', operation }])
      }
      expect(late.received).toEqual([])
      expect(await live()).toBe(stored)
      const isSignedIn = (await site.open(browser)).get('user') === 'ada'
      expect(isSignedIn).toBe(end === 'regenerate')
    },
  )

  test('gets no cookie from the proxy either, not even where every visitor gets a session', async () => {
    const site = openSite({ limits: { touchMs: 0 } })
    const { late } = await justEnded(site, 'regenerate')
    await site.visit(late, { saveUninitialized: true })
    late.cookies.delete('sess_touch')
    await site.visit(late, { saveUninitialized: true })
    expect(late.received).toEqual([])
  })

  test('can still sign out in its browser, and then begin a new session', async () => {
    const site = openSite()
    const { late } = await justEnded(site, 'regenerate')
    const session = await site.open(late)
    await session.destroy()
    expect([...late.cookies]).toEqual([])
    expect(await session.set('user', 'grace').save()).toBe('saved')
    expect((await site.open(late)).get('user')).toBe('grace')
  })
})

test('after a minute the token is an unknown one, whose request may begin a new session', async () => {
  const site = memorySite()
  const { late } = await justEnded(site, 'destroy')
  site.clock.advance({ ms: 1 })
  const session = await site.open(late)
  expect(site.events.at(-1)).toEqual({ event: 'refused', reason: 'unknown' })
  expect(await session.set('user', 'grace').save()).toBe('saved')
})

describeEachStore('one request', (openSite) => {
  test('can end a session and begin another', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('user', 'ada').save()
    const session = await site.open(browser)
    await session.destroy()
    expect(await session.set('user', 'grace').save()).toBe('saved')
    expect((await site.open(browser)).toObject()).toEqual({ user: 'grace' })
  })
})

test('a visitor whose session an operator ended can begin a new one at once', async () => {
  const site = memorySite()
  const browser = new TestBrowser()
  await (await site.open(browser)).set('user', 'ada').save()
  if (!canList(site.store)) throw new Error('the memory store can list')
  const [listed] = await site.store.list(1)
  await site.store.destroyNamed(listed?.name ?? '')
  const session = await site.open(browser)
  expect(session.size).toBe(0)
  expect(await session.set('user', 'grace').save()).toBe('saved')
})
