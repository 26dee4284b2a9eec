import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { SessionConflictError } from '@/lib/session/core/errors'
import { SessionStoreError } from '@/lib/session/stores/errors'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import type { TestSite } from '@/lib/session/testing/test-site'
import { describeEachServerStore } from './each-server-store'
import { memorySite } from './each-store'

const increment = (n: unknown) => ((n as number | undefined) ?? 0) + 1

async function signedIn(site: TestSite): Promise<TestBrowser> {
  const browser = new TestBrowser()
  await (await site.open(browser)).set('user', 'ada').save()
  return browser
}

describeEachServerStore('overlapping requests', (openSite) => {
  test('two overlapping requests that set different keys both keep what they saved', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const [one, two] = [await site.open(browser), await site.open(browser)]
    await one.set('one', 1).save()
    await two.set('two', 2).save()
    expect((await site.open(browser)).toObject()).toEqual({ user: 'ada', one: 1, two: 2 })
    expect(two.get('one')).toBe(1)
    expect(site.events).toEqual([{ event: 'merged', id: two.id, attempts: 2 }])
  })

  test('fifty parallel updates count to fifty', async () => {
    const site = await openSite({ pause })
    const browser = await signedIn(site)
    const count = async () => (await site.open(browser)).update('n', increment).save()
    await Promise.all(Array.from({ length: 50 }, count))
    expect((await site.open(browser)).get('n')).toBe(50)
  })

  test('a save that hangs does not hold up the other saves of its session', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const [one, two] = [await site.open(browser), await site.open(browser)]
    vi.spyOn(site.store, 'update').mockImplementationOnce(() => new Promise(() => {}))
    void one.set('one', 1).save()
    await vi.waitFor(() => expect(site.store.update).toHaveBeenCalledOnce(), { timeout: 20_000 })
    expect(await two.set('two', 2).save()).toBe('saved')
  })

  test('a slow request that only reads changes nothing of a save that happened meanwhile', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const slow = await site.open(browser)
    slow.get('user')
    await (await site.open(browser)).set('user', 'grace').save()
    expect(await slow.save()).toBe('saved')
    expect((await site.open(browser)).get('user')).toBe('grace')
  })

  test.each<[string, (site: TestSite, browser: TestBrowser) => Promise<unknown>]>([
    ['destroy', async (site, browser) => (await site.open(browser)).destroy()],
    ['regenerate', async (site, browser) => (await site.open(browser)).regenerate()],
  ])(
    'a slow writer that finishes after another request’s %s stores nothing and touches no cookie',
    async (_name, end) => {
      const site = await openSite()
      const browser = await signedIn(site)
      const slowTab = browser.copy()
      const slow = await site.open(slowTab)
      slow.set('late', 1)
      await end(site, browser)
      expect(await slow.save()).toBe('ended')
      expect(await slow.regenerate()).toBe('ended')
      expect(await slow.touch()).toBe('ended')
      expect(await slow.setAvoidTouch(true)).toBe('ended')
      expect(slowTab.received).toEqual([])
      expect((await site.open(slowTab)).isNew).toBe(true)
      expect((await site.open(browser)).get('late')).toBeUndefined()
    },
  )

  test('another tab that regenerated stays signed in', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const slow = await site.open(browser)
    await (await site.open(browser)).regenerate()
    await slow.set('late', 1).save()
    expect((await site.open(browser)).toObject()).toEqual({ user: 'ada' })
  })

  test('after destroy or regenerate a copy of the old cookies opens nothing', async () => {
    const site = await openSite()
    for (const end of ['destroy', 'regenerate'] as const) {
      const browser = await signedIn(site)
      const copy = browser.copy()
      await (await site.open(browser))[end]()
      expect((await site.open(copy)).isNew).toBe(true)
    }
  })

  test('a save that lands during regenerate is in the new session', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const session = await site.open(browser)
    const create = site.store.create.bind(site.store)
    vi.spyOn(site.store, 'create').mockImplementationOnce(async (...args) => {
      await (await site.open(browser.copy())).set('meanwhile', 1).save()
      return create(...args)
    })
    session.set('pending', 1)
    expect(await session.regenerate()).toBe('saved')
    expect((await site.open(browser)).toObject()).toEqual({ user: 'ada', meanwhile: 1, pending: 1 })
  })

  test('a logout that lands during regenerate stays a logout', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const session = await site.open(browser)
    const create = site.store.create.bind(site.store)
    const tokens: string[] = []
    vi.spyOn(site.store, 'create').mockImplementationOnce(async (...args) => {
      await (await site.open(browser.copy())).destroy()
      const created = await create(...args)
      tokens.push(created.token)
      return created
    })
    expect(await session.regenerate()).toBe('ended')
    expect(await site.store.load(tokens[0] ?? '')).toHaveProperty('refused')
  })

  test('a store that fails during regenerate leaves the old session working', async () => {
    for (const failing of ['create', 'destroy'] as const) {
      const site = await openSite()
      const browser = await signedIn(site)
      const session = await site.open(browser)
      const create = vi.spyOn(site.store, 'create')
      vi.spyOn(site.store, failing).mockRejectedValueOnce(new SessionStoreError('test', failing))
      await expect(session.regenerate()).rejects.toThrow(SessionStoreError)
      expect((await site.open(browser)).get('user')).toBe('ada')
      const orphan = await create.mock.results[0]?.value.catch(() => '')
      expect(await site.store.load(orphan)).toHaveProperty('refused')
    }
  })

  test('a store that fails at a save is an error, and no cookie is sent', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const sent = browser.received.length
    vi.spyOn(site.store, 'update').mockRejectedValueOnce(new SessionStoreError('test', 'save'))
    const session = await site.open(browser)
    await expect(session.set('a', 1).save()).rejects.toThrow(SessionStoreError)
    expect(browser.received).toHaveLength(sent)
    expect(await session.save()).toBe('saved')
    expect((await site.open(browser)).get('a')).toBe(1)
  })

  test('a store that fails when a session is opened is an error, never a new session', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    vi.spyOn(site.store, 'load').mockRejectedValueOnce(new SessionStoreError('test', 'load'))
    await expect(site.open(browser)).rejects.toThrow(SessionStoreError)
    expect(browser.cookies.has('sess')).toBe(true)
  })

  test('a conflict that never ends is a typed error after a bounded number of attempts', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const update = vi.spyOn(site.store, 'update').mockResolvedValue('conflict')
    await expect((await site.open(browser)).set('a', 1).save()).rejects.toThrow(SessionConflictError)
    expect(update).toHaveBeenCalledTimes(20)
  })

  test('a well-formed token that was never issued is not adopted', async () => {
    const site = await openSite()
    const browser = new TestBrowser()
    const planted = 'A'.repeat(43)
    browser.cookies.set('sess', planted)
    await (await site.open(browser)).set('user', 'eve').save()
    expect(browser.cookies.get('sess')).not.toBe(planted)
    expect(await site.store.load(planted)).toEqual({ refused: 'unknown' })
  })

  test('setAvoidTouch keeps what another request saved meanwhile', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const session = await site.open(browser)
    session.update('n', increment)
    await (await site.open(browser)).set('n', 10).save()
    await session.setAvoidTouch(true)
    expect((await site.open(browser)).get('n')).toBe(10)
    await session.save()
    const after = await site.open(browser)
    expect([after.get('n'), after.avoidTouch]).toEqual([11, true])
  })

  test('parallel saves on one new handle create one session', async () => {
    const site = await openSite()
    const create = vi.spyOn(site.store, 'create')
    const session = await site.open(new TestBrowser())
    await Promise.all([session.set('a', 1).save(), session.set('b', 2).save(), session.save()])
    expect(create).toHaveBeenCalledTimes(1)
  })

  test('an update after a save counts once when it meets another save', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const session = await site.open(browser)
    await session.update('n', increment).save()
    session.update('n', increment)
    await (await site.open(browser)).set('n', 100).save()
    await session.save()
    expect((await site.open(browser)).get('n')).toBe(101)
  })

  test.each(['save', 'clean save', 'regenerate', 'touch'] as const)(
    'a %s in a slow request works when another request has extended the session meanwhile',
    async (operation) => {
      const site = await openSite({ limits: { idleMs: 10_000, touchMs: 0 } })
      const browser = await signedIn(site)
      site.clock.advance({ seconds: 9 })
      const slow = await site.open(browser)
      await site.visit(browser)
      site.clock.advance({ seconds: 2 })
      if (operation === 'save') expect(await slow.set('late', 1).save()).toBe('saved')
      if (operation === 'clean save') expect(await slow.save()).toBe('saved')
      if (operation === 'regenerate') expect(await slow.set('late', 1).regenerate()).toBe('saved')
      if (operation === 'touch') expect(await slow.touch()).toBe('touched')
      expect((await site.open(browser)).get('user')).toBe('ada')
    },
  )

  test('two saves in one request never show the store a version that it did not make', async () => {
    const site = await openSite()
    const browser = await signedIn(site)
    const session = await site.open(browser)
    const update = vi.spyOn(site.store, 'update')
    await session.set('a', 1).save()
    await session.set('a', 2).save()
    expect(update).toHaveBeenCalledTimes(2)
    expect(site.events).toEqual([])
  })

  test('a shorter idle limit never shows a session as seen in the future', async () => {
    const week = await openSite({ limits: { idleMs: 7 * 86_400_000, absoluteMs: 30 * 86_400_000 } })
    const browser = await signedIn(week)
    const hour = await openSite({
      beside: week,
      clock: week.clock,
      limits: { idleMs: 3_600_000, absoluteMs: 30 * 86_400_000 },
    })
    week.clock.advance({ seconds: 86_400 })
    const session = await hour.open(browser)
    expect(session.lastSeenAt?.getTime()).toBe(week.clock.now())
    expect(session.expiresAt?.getTime()).toBe(week.clock.now() + 3_600_000)
  })
})

test('many saves of one process to a slow store meet nobody: each waits for the one before', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const wait = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))
  const site = memorySite({ pause: wait })
  const browser = await signedIn(site)
  const update = site.store.update.bind(site.store)
  vi.spyOn(site.store, 'update').mockImplementation(async (...args) => {
    await wait(400)
    return update(...args)
  })
  const count = async () => (await site.open(browser)).update('n', increment).save()
  const saves = Promise.all(Array.from({ length: 30 }, count))
  await vi.advanceTimersByTimeAsync(30 * 400)
  await saves
  expect(site.store.update).toHaveBeenCalledTimes(30)
  expect((await site.open(browser)).get('n')).toBe(30)
})

describeEachServerStore('a new token whose cookie never left', (openSite) => {
  test('is taken back, and the token that the browser has opens the session as it was', async () => {
    const site = await openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('n', 1).save()
    const sent = browser.copy()
    const session = await site.open(browser)
    await session.set('n', 2).regenerate()
    await session.cookiesLost()
    expect((await site.open(sent)).toObject()).toEqual({ n: 1 })
    expect((await site.open(browser)).isNew).toBe(true)
  })
})
