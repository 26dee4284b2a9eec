import * as ironSession from 'iron-session'
import { expect, test, vi } from 'vitest'
import { SessionStoreError } from '@/lib/session/stores/errors'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import type { TestSite } from '@/lib/session/testing/test-site'
import { cookieSite, describeEachStore, memorySite } from './each-store'

vi.mock(import('iron-session'), { spy: true })

async function signedIn(site: TestSite): Promise<TestBrowser> {
  const browser = new TestBrowser()
  await (await site.open(browser)).set('user', 'ada').save()
  return browser
}

describeEachStore('a visit', (openSite) => {
  test('sends a touch cookie at most once in a touch window, and never the session cookie', async () => {
    const site = openSite({ limits: { touchMs: 60_000 } })
    const browser = await signedIn(site)
    browser.received.length = 0
    for (let second = 0; second < 180; second++) {
      await site.visit(browser)
      site.clock.advance({ seconds: 1 })
    }
    expect(browser.received.map(({ name }) => name)).toEqual(['sess_touch', 'sess_touch'])
  })

  test('touches every time when the window is 0', async () => {
    const site = openSite({ limits: { touchMs: 0 } })
    const browser = await signedIn(site)
    browser.received.length = 0
    for (let visit = 0; visit < 3; visit++) await site.visit(browser)
    expect(browser.received).toHaveLength(3)
  })

  test('gets its touch cookie back when it was lost, forged, or that of an older session', async () => {
    const site = openSite()
    const browser = await signedIn(site)
    const older = browser.cookies.get('sess_touch') ?? ''
    await (await site.open(browser)).regenerate()
    for (const value of [undefined, 'forged', older]) {
      if (value === undefined) browser.cookies.delete('sess_touch')
      else browser.cookies.set('sess_touch', value)
      await site.visit(browser)
      expect(browser.cookies.get('sess_touch')).not.toBe(value)
      const sent = browser.received.length
      await site.visit(browser)
      expect(browser.received).toHaveLength(sent)
    }
  })

  test('with the old touch cookie after a logout means nothing', async () => {
    const site = openSite()
    const browser = await signedIn(site)
    const touch = browser.cookies.get('sess_touch') ?? ''
    await (await site.open(browser)).destroy()
    browser.cookies.set('sess_touch', touch)
    const sent = browser.received.length
    site.clock.advance({ seconds: 100 })
    await site.visit(browser)
    expect(browser.received).toHaveLength(sent)
    expect((await site.open(browser)).isNew).toBe(true)
  })

  test('never undoes a save that happened meanwhile', async () => {
    const site = openSite({ limits: { touchMs: 0 } })
    const browser = await signedIn(site)
    const slow = site.visit(browser)
    await (await site.open(browser)).set('user', 'grace').save()
    await slow
    expect((await site.open(browser)).get('user')).toBe('grace')
  })

  test('with a forged session cookie beside a good touch cookie opens nothing', async () => {
    const site = openSite({ limits: { touchMs: 0 } })
    const browser = await signedIn(site)
    browser.cookies.set('sess', `${browser.cookies.get('sess')}x`)
    await site.visit(browser)
    expect((await site.open(browser)).isNew).toBe(true)
  })

  test('is verified under an old secret and signed with the newest', async () => {
    const [old, next] = ['old secret '.repeat(4), 'new secret '.repeat(4)]
    const before = openSite({ secrets: [old], limits: { touchMs: 0 } })
    const browser = await signedIn(before)
    const rotated = cookieSite({ secrets: [next, old], clock: before.clock, limits: { touchMs: 0 } })
    const load = vi.spyOn(rotated.store, 'load')
    await rotated.visit(browser)
    expect(load).not.toHaveBeenCalled()
  })
})

test('a visit with a valid touch cookie costs no seal and no unseal; without one, one unseal', async () => {
  const site = cookieSite({ limits: { touchMs: 0 } })
  const browser = await signedIn(site)
  vi.clearAllMocks()
  await site.visit(browser)
  expect(ironSession.sealData).not.toHaveBeenCalled()
  expect(ironSession.unsealData).not.toHaveBeenCalled()
  browser.cookies.delete('sess_touch')
  await site.visit(browser)
  expect(ironSession.sealData).not.toHaveBeenCalled()
  expect(ironSession.unsealData).toHaveBeenCalledTimes(1)
})

test('an oversized cookie is refused without an unseal', async () => {
  const site = cookieSite()
  const browser = await signedIn(site)
  const [tag, seal] = browser.cookies.get('sess')?.split('.Fe26.2*') ?? []
  browser.cookies.set('sess', `${tag}.Fe26.2*${'A'.repeat(5000)}${seal}`)
  vi.clearAllMocks()
  await site.visit(browser)
  expect((await site.open(browser)).isNew).toBe(true)
  expect(ironSession.unsealData).not.toHaveBeenCalled()
})

test('a visit makes no store call at all inside the touch window, and one touch when it is due', async () => {
  const site = memorySite({ limits: { touchMs: 60_000 } })
  const browser = await signedIn(site)
  const calls = (['load', 'create', 'update', 'touch', 'destroy'] as const).map((name) =>
    vi.spyOn(site.store, name),
  )
  const called = () => calls.map((call) => call.mock.calls.length)
  await site.visit(browser)
  expect(called()).toEqual([0, 0, 0, 0, 0])
  site.clock.advance({ seconds: 60 })
  await site.visit(browser)
  expect(called()).toEqual([0, 0, 0, 1, 0])
})

describeEachStore('a visit without a touch cookie', (openSite) => {
  test('writes to the store when a touch is due by the record itself, at most once in a window', async () => {
    const site = openSite({ limits: { touchMs: 60_000, idleMs: 600_000 } })
    const browser = await signedIn(site)
    const touch = vi.spyOn(site.store, 'touch')
    for (let second = 0; second < 60; second++) {
      browser.cookies.delete('sess_touch')
      await site.visit(browser)
      expect(browser.cookies.has('sess_touch')).toBe(true) // so that the next visit need not open the session
      site.clock.advance({ seconds: 1 })
    }
    expect(touch).not.toHaveBeenCalled()
    browser.cookies.delete('sess_touch')
    await site.visit(browser)
    expect(touch).toHaveBeenCalledTimes(1)
  })

  test('does not prolong a session by the cookie that tells when it was last seen', async () => {
    const site = openSite({ limits: { touchMs: 60_000, idleMs: 600_000 } })
    const browser = await signedIn(site)
    browser.cookies.delete('sess_touch')
    site.clock.advance({ seconds: 59 })
    await site.visit(browser)
    expect(browser.received.at(-1)?.attributes.maxAge).toBe(541)
    site.clock.advance({ seconds: 541 })
    expect((await site.open(browser)).isNew).toBe(true)
  })

  test('sends and writes nothing where the session avoids touch', async () => {
    const site = openSite({ limits: { touchMs: 60_000 } })
    const browser = await signedIn(site)
    await (await site.open(browser)).setAvoidTouch(true)
    const touch = vi.spyOn(site.store, 'touch')
    const sent = browser.received.length
    for (let visit = 0; visit < 3; visit++) {
      browser.cookies.delete('sess_touch')
      await site.visit(browser)
      site.clock.advance({ seconds: 100 })
    }
    expect(browser.received).toHaveLength(sent)
    expect(touch).not.toHaveBeenCalled()
  })
})

test('on the server a visit in each window is one write, however often the touch cookie is lost', async () => {
  const site = memorySite({ limits: { touchMs: 60_000 } })
  const browser = await signedIn(site)
  const touch = vi.spyOn(site.store, 'touch')
  for (let second = 0; second < 600; second++) {
    browser.cookies.delete('sess_touch')
    await site.visit(browser)
    site.clock.advance({ seconds: 1 })
  }
  expect(touch).toHaveBeenCalledTimes(9)
})

test('a store that fails while touching is an event, and no cookie is sent', async () => {
  const site = memorySite({ limits: { touchMs: 0 } })
  const browser = await signedIn(site)
  const sent = browser.received.length
  vi.spyOn(site.store, 'touch').mockRejectedValue(new SessionStoreError('memory', 'touch a session'))
  await site.visit(browser)
  expect(browser.received).toHaveLength(sent)
  expect(site.events).toEqual([
    { event: 'touch-failed', message: 'The session store "memory" failed to touch a session.' },
  ])
})

test('a store that never answers holds a visit up for 250 ms, and a late answer sends nothing', async () => {
  const site = memorySite({ limits: { touchMs: 0 } })
  const browser = await signedIn(site)
  vi.spyOn(site.store, 'touch').mockReturnValue(new Promise(() => {}))
  let isOver = false
  const visit = site.visit(browser).then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(249)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await visit
  expect(site.events).toEqual([{ event: 'touch-failed', message: 'no answer in 250 ms' }])
})

test('a touch of a session that was destroyed meanwhile revives nothing', async () => {
  const site = memorySite({ limits: { touchMs: 0 } })
  const browser = await signedIn(site)
  const other = browser.copy()
  await (await site.open(browser)).destroy()
  await site.visit(other)
  expect(other.received).toEqual([])
  expect((await site.open(other)).isNew).toBe(true)
})
