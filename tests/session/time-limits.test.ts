import { describe, expect, test } from 'vitest'
import { signTouch } from '@/lib/session/core/touch-cookie'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { cookieSite, describeEachStore } from './each-store'

const IDLE_10_SECONDS = { limits: { idleMs: 10_000, touchMs: 0 } }

describeEachStore('time limits', (openSite) => {
  async function signedIn(site: ReturnType<typeof openSite>): Promise<TestBrowser> {
    const browser = new TestBrowser()
    await (await site.open(browser)).set('user', 'ada').save()
    return browser
  }

  test('a session lives up to its idle limit and not a millisecond longer', async () => {
    const site = openSite(IDLE_10_SECONDS)
    const browser = await signedIn(site)
    site.clock.advance({ ms: 9999 })
    expect((await site.open(browser)).get('user')).toBe('ada')
    site.clock.advance({ ms: 1 })
    expect((await site.open(browser)).isNew).toBe(true)
    expect(site.events).toContainEqual({ event: 'refused', reason: 'expired' })
  })

  test('visits inside the idle limit keep it alive, for pages that only read too', async () => {
    const site = openSite(IDLE_10_SECONDS)
    const browser = await signedIn(site)
    const token = browser.cookies.get('sess')
    for (let visit = 0; visit < 5; visit++) {
      site.clock.advance({ seconds: 9 })
      await site.visit(browser)
      expect((await site.open(browser, { readOnly: true })).get('user')).toBe('ada')
    }
    expect(browser.cookies.get('sess')).toBe(token)
  })

  test('one-second limits are one second', async () => {
    const site = openSite({ limits: { idleMs: 1000, touchMs: 1000 / 60 } })
    const browser = await signedIn(site)
    site.clock.advance({ ms: 999 })
    await site.visit(browser)
    expect((await site.open(browser)).isNew).toBe(false)
    site.clock.advance({ ms: 1000 })
    await site.visit(browser)
    expect((await site.open(browser)).isNew).toBe(true)
  })

  test('an expired session that is written to starts empty under a new id', async () => {
    const site = openSite(IDLE_10_SECONDS)
    const browser = await signedIn(site)
    const { id } = await site.open(browser)
    site.clock.advance({ seconds: 10 })
    const session = await site.open(browser)
    await session.set('colour', 'red').save()
    expect(session.id).not.toBe(id)
    expect((await site.open(browser)).toObject()).toEqual({ colour: 'red' })
  })

  test('the absolute limit ends a session that is used every second', async () => {
    const site = openSite({ limits: { idleMs: 10_000, absoluteMs: 20_000, touchMs: 0 } })
    const browser = await signedIn(site)
    for (let second = 1; second < 20; second++) {
      site.clock.advance({ seconds: 1 })
      await site.visit(browser)
      const session = await site.open(browser)
      expect(session.get('user')).toBe('ada')
      await session.set('second', second).save()
    }
    site.clock.advance({ seconds: 1 })
    await site.visit(browser)
    expect((await site.open(browser)).isNew).toBe(true)
  })

  test('a session that expires while a request works on it stays dead', async () => {
    const site = openSite(IDLE_10_SECONDS)
    const browser = await signedIn(site)
    const session = await site.open(browser)
    const sent = browser.received.length
    site.clock.advance({ seconds: 10 })
    expect(await session.set('late', 1).save()).toBe('ended')
    expect(await session.save()).toBe('ended')
    expect(browser.received).toHaveLength(sent)
    expect((await site.open(browser)).isNew).toBe(true)
  })

  test('a session that expires while a request works on it cannot be touched, moved or switched', async () => {
    const site = openSite(IDLE_10_SECONDS)
    const browser = await signedIn(site)
    const session = await site.open(browser)
    const sent = browser.received.length
    site.clock.advance({ seconds: 10 })
    expect(await session.touch()).toBe('ended')
    expect(await session.regenerate()).toBe('ended')
    expect(await session.setAvoidTouch(true)).toBe('ended')
    expect(browser.received).toHaveLength(sent)
  })

  test('sessions made before the epoch are dead, later ones live', async () => {
    const clock = createFakeClock()
    const before = openSite({ clock })
    const browser = await signedIn(before)
    clock.advance({ seconds: 1 })
    const after = openSite({ clock, limits: { epoch: clock.now() } })
    expect((await after.open(browser)).isNew).toBe(true)
    await after.visit(browser)
    const newBrowser = await signedIn(after)
    expect((await after.open(newBrowser)).isNew).toBe(false)
  })

  test('expiresAt and lastSeenAt tell what will happen', async () => {
    const site = openSite(IDLE_10_SECONDS)
    const browser = await signedIn(site)
    const start = site.clock.now()
    site.clock.advance({ seconds: 4 })
    await site.visit(browser)
    const session = await site.open(browser)
    expect(session.createdAt?.getTime()).toBe(start)
    expect(session.lastSeenAt?.getTime()).toBe(start + 4000)
    expect(session.expiresAt?.getTime()).toBe(start + 14_000)
  })

  describe('avoid touch', () => {
    test('for all: a visit sends nothing, also without a touch cookie, and life counts from the last save', async () => {
      const site = openSite({ limits: { idleMs: 10_000, touchMs: 0, avoidTouch: true } })
      const browser = await signedIn(site)
      const sent = browser.received.length
      site.clock.advance({ seconds: 5 })
      await site.visit(browser)
      browser.cookies.delete('sess_touch')
      await site.visit(browser)
      expect(browser.received).toHaveLength(sent)
      site.clock.advance({ seconds: 5 })
      expect((await site.open(browser)).isNew).toBe(true)
    })

    test('for one session takes effect at once and leaves unsaved changes unsaved', async () => {
      const site = openSite(IDLE_10_SECONDS)
      const browser = await signedIn(site)
      site.clock.advance({ seconds: 2 })
      const session = await site.open(browser)
      session.set('unsaved', 1)
      expect(await session.setAvoidTouch(true)).toBe('saved')
      expect([session.avoidTouch, session.isDirty]).toEqual([true, true])
      const sent = browser.received.length
      site.clock.advance({ seconds: 9 })
      await site.visit(browser)
      expect(browser.received).toHaveLength(sent)
      expect((await site.open(browser)).toObject()).toEqual({ user: 'ada' })
      site.clock.advance({ seconds: 1 })
      expect((await site.open(browser)).isNew).toBe(true)
    })

    test('of one session holds without its touch cookie too, and a visit sends none', async () => {
      const site = openSite(IDLE_10_SECONDS)
      const browser = await signedIn(site)
      await (await site.open(browser)).setAvoidTouch(true)
      browser.cookies.delete('sess_touch')
      const sent = browser.received.length
      site.clock.advance({ seconds: 5 })
      await site.visit(browser)
      expect(browser.received).toHaveLength(sent)
      site.clock.advance({ seconds: 5 })
      expect((await site.open(browser)).isNew).toBe(true)
    })

    test('of one session can be switched back, and an unsaved change survives it', async () => {
      const site = openSite(IDLE_10_SECONDS)
      const browser = await signedIn(site)
      await (await site.open(browser)).setAvoidTouch(true)
      const session = await site.open(browser)
      session.update('count', (n) => ((n as number | undefined) ?? 0) + 1)
      await session.setAvoidTouch(false)
      await session.save()
      for (let visit = 0; visit < 3; visit++) {
        site.clock.advance({ seconds: 9 })
        await site.visit(browser)
      }
      expect((await site.open(browser)).toObject()).toEqual({ user: 'ada', count: 1 })
    })

    test('chosen on a new session is unsaved until its first save', async () => {
      const site = openSite(IDLE_10_SECONDS)
      const browser = new TestBrowser()
      const session = await site.open(browser)
      expect(await session.setAvoidTouch(true)).toBe('unsaved')
      expect(browser.received).toEqual([])
      await session.set('a', 1).save()
      const again = await site.open(browser)
      expect(again.avoidTouch).toBe(true)
    })

    test('a save without changes counts, also when its touch cookie is lost', async () => {
      const site = openSite(IDLE_10_SECONDS)
      const browser = await signedIn(site)
      await (await site.open(browser)).setAvoidTouch(true)
      site.clock.advance({ seconds: 9 })
      await (await site.open(browser)).save()
      browser.cookies.delete('sess_touch')
      site.clock.advance({ seconds: 9 })
      expect((await site.open(browser)).get('user')).toBe('ada')
    })

    test('for all, switched off again, lets visits extend the sessions that were made meanwhile', async () => {
      const clock = createFakeClock()
      const entries = new Map()
      const limits = { idleMs: 10_000, touchMs: 0 }
      const avoiding = openSite({ clock, entries, limits: { ...limits, avoidTouch: true } })
      const browser = await signedIn(avoiding)
      const touching = openSite({ clock, entries, limits })
      for (let visit = 0; visit < 3; visit++) {
        clock.advance({ seconds: 9 })
        await touching.visit(browser)
      }
      expect((await touching.open(browser)).get('user')).toBe('ada')
    })

    test('chosen on a new session is dropped by revert', async () => {
      const site = openSite(IDLE_10_SECONDS)
      const browser = new TestBrowser()
      const session = await site.open(browser)
      await session.setAvoidTouch(true)
      session.revert()
      await session.set('a', 1).save()
      expect((await site.open(browser)).avoidTouch).toBe(false)
    })

    test('is not undone by an old touch cookie, sent again', async () => {
      const site = openSite(IDLE_10_SECONDS)
      const browser = await signedIn(site)
      const oldTouch = browser.cookies.get('sess_touch') ?? ''
      await (await site.open(browser)).setAvoidTouch(true)
      browser.cookies.set('sess_touch', oldTouch)
      for (let second = 0; second < 10; second++) {
        site.clock.advance({ seconds: 1 })
        await site.visit(browser)
      }
      expect((await site.open(browser)).isNew).toBe(true)
    })

    test('leaves touch() to the application: called by hand it extends life', async () => {
      const site = openSite(IDLE_10_SECONDS)
      const browser = await signedIn(site)
      await (await site.open(browser)).setAvoidTouch(true)
      site.clock.advance({ seconds: 9 })
      expect(await (await site.open(browser)).touch()).toBe('touched')
      site.clock.advance({ seconds: 9 })
      expect((await site.open(browser)).get('user')).toBe('ada')
    })
  })
})

describe('a stolen seal past its idle limit, cookie store', () => {
  async function stolen(site: ReturnType<typeof cookieSite>) {
    const victim = new TestBrowser()
    const session = await site.open(victim)
    await session.set('user', 'ada').save()
    const thief = victim.copy()
    return { thief, victim, publicId: session.id ?? '', createdAt: session.createdAt?.getTime() ?? 0 }
  }

  async function expectDead(site: ReturnType<typeof cookieSite>, thief: TestBrowser) {
    const before = thief.received.length
    await site.visit(thief)
    expect(thief.received).toHaveLength(before)
    expect((await site.open(thief)).isNew).toBe(true)
  }

  test('stays dead without a touch cookie', async () => {
    const site = cookieSite(IDLE_10_SECONDS)
    const { thief } = await stolen(site)
    site.clock.advance({ seconds: 10 })
    thief.cookies.delete('sess_touch')
    await expectDead(site, thief)
  })

  test('stays dead with its own last touch cookie, sent again', async () => {
    const site = cookieSite(IDLE_10_SECONDS)
    const { thief } = await stolen(site)
    site.clock.advance({ seconds: 10 })
    await expectDead(site, thief)
  })

  test("stays dead with another live session's touch cookie", async () => {
    const site = cookieSite(IDLE_10_SECONDS)
    const { thief } = await stolen(site)
    site.clock.advance({ seconds: 10 })
    const { thief: own } = await stolen(site)
    thief.cookies.set('sess_touch', own.cookies.get('sess_touch') ?? '')
    await expectDead(site, thief)
  })

  test('stays dead with a forged touch cookie: another secret, another time, another flag', async () => {
    const site = cookieSite(IDLE_10_SECONDS)
    const { thief, publicId, createdAt } = await stolen(site)
    site.clock.advance({ seconds: 10 })
    const touch = { publicId, createdAt, lastSeenAt: site.clock.now(), avoidedBy: 'none' as const }
    const forgedKeys = cookieSite({ secrets: ['x'.repeat(40)] }).keyring
    const [, , , , mac] = thief.cookies.get('sess_touch')?.split('.') ?? []
    const relabelled = [publicId, createdAt.toString(36), site.clock.now().toString(36), 0, mac].join('.')
    for (const forged of [signTouch(touch, forgedKeys), relabelled, '', 'junk', 'x'.repeat(5000)]) {
      thief.cookies.set('sess_touch', forged)
      await expectDead(site, thief)
    }
  })
})
