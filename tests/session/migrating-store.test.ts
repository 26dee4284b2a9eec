import { describe, expect, test, vi } from 'vitest'
import type { SessionStore } from '@/lib/session/core/store'
import { createCookieStore } from '@/lib/session/stores/cookie'
import { SessionStoreError } from '@/lib/session/stores/errors'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { createMigratingStore } from '@/lib/session/stores/migrating'
import { createFakeClock, type FakeClock } from '@/lib/session/testing/fake-clock'
import { storeContract } from '@/lib/session/testing/store-contract'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { createTestSite, type TestSite } from '@/lib/session/testing/test-site'
import { newPrefix } from '../servers'
import { backendNames, newBackend, openTestStore } from './backends'

/** A store's variables, and what the other one calls it in SESSION_MIGRATE_FROM. */
interface Place {
  readonly env: Readonly<Record<string, string>>
  readonly url: string
}

const COOKIE: Place = { env: { SESSION_STORE: 'cookie' }, url: 'cookie' }
const kinds = ['cookie', ...backendNames]
const pairs = kinds
  .flatMap((from) => kinds.map((to) => [from, to] as const))
  .filter(([from, to]) => from !== 'cookie' || to !== 'cookie')

/** Sites of one app: before the move, while it runs, after it, and rolled back. All on one clock. */
async function openSites(from: string, to: string) {
  const clock = createFakeClock()
  const prefix = newPrefix()
  const [old, next] = await Promise.all([
    from === 'cookie' ? COOKIE : newBackend(from, { prefix, half: 0 }),
    to === 'cookie' ? COOKIE : newBackend(to, { prefix, half: 1 }),
  ])
  const open = async ({ env }: Place, migrateFrom?: Place): Promise<TestSite> => {
    const both = {
      ...env,
      SESSION_PREFIX: prefix,
      ...(migrateFrom && { SESSION_MIGRATE_FROM: migrateFrom.url }),
    }
    const store = await openTestStore({ env: both }, clock.now)
    return createTestSite({ clock, store: () => store, touchDeadlineMs: 10_000 })
  }
  return {
    clock,
    before: await open(old),
    moving: await open(next, old),
    after: await open(next),
    rolledBack: await open(old, next),
  }
}

async function signedIn(site: TestSite): Promise<TestBrowser> {
  const browser = new TestBrowser()
  await (await site.open(browser)).set('user', 'ada').save()
  return browser
}

const dataOf = async (site: TestSite, browser: TestBrowser) => (await site.open(browser)).toObject()

describe.each(pairs)('a move of the sessions from %s to %s', (from, to) => {
  const isTokenKept = from !== 'cookie' && to !== 'cookie'

  test('logs nobody out: a session is read where it was, and is in the new store after its next save', async () => {
    const { before, moving, after } = await openSites(from, to)
    const browser = await signedIn(before)
    const { id } = await before.open(browser)
    expect(await dataOf(moving, browser)).toEqual({ user: 'ada' })
    expect(await dataOf(before, browser)).toEqual({ user: 'ada' }) // reading moves nothing

    const old = browser.copy()
    const session = await moving.open(browser)
    expect(await session.set('n', 1).save()).toBe('saved')
    expect(session.id === id).toBe(isTokenKept)
    expect(browser.cookies.get('sess') === old.cookies.get('sess')).toBe(isTokenKept)
    expect(await dataOf(moving, browser)).toEqual({ user: 'ada', n: 1 })
    expect(await dataOf(after, browser)).toEqual({ user: 'ada', n: 1 })
    // An old seal still opens, as every copy of one does; a record is gone.
    expect((await before.open(old)).isNew).toBe(from !== 'cookie')
  })

  test('lets visits extend a session on either side', async () => {
    const { clock, before, moving } = await openSites(from, to)
    const browser = await signedIn(before)
    for (let i = 0; i < 3; i++) {
      clock.advance({ seconds: 3000 })
      await moving.visit(browser)
    }
    expect(await dataOf(moving, browser)).toEqual({ user: 'ada' })
    await (await moving.open(browser)).set('n', 1).save()
    for (let i = 0; i < 3; i++) {
      clock.advance({ seconds: 3000 })
      await moving.visit(browser)
    }
    expect(await dataOf(moving, browser)).toEqual({ user: 'ada', n: 1 })
    clock.advance({ seconds: 3600 })
    expect(await dataOf(moving, browser)).toEqual({})
  })

  test('can be rolled back, with sessions of both sides', async () => {
    const { before, moving, rolledBack } = await openSites(from, to)
    const [moved, notMoved, isNew] = [await signedIn(before), await signedIn(before), await signedIn(moving)]
    await (await moving.open(moved)).set('n', 1).save()
    for (const browser of [moved, notMoved, isNew]) {
      const session = await rolledBack.open(browser)
      expect(session.get('user')).toBe('ada')
      expect(await session.set('back', true).save()).toBe('saved')
      expect(await dataOf(before, browser)).toMatchObject({ user: 'ada', back: true })
    }
    expect(await dataOf(before, moved)).toEqual({ user: 'ada', n: 1, back: true })
  })

  if (to === 'cookie') {
    test('a late request with the token from before the move saves nothing', async () => {
      const { before, moving } = await openSites(from, to)
      const browser = await signedIn(before)
      const late = browser.copy()
      await (await moving.open(browser)).set('n', 1).save()
      expect(await (await moving.open(late)).set('user', 'eve').save()).toBe('ended')
      expect(late.received).toEqual([])
    })
  }

  test('keeps a logout a logout, moved or not', async () => {
    const { before, moving, after } = await openSites(from, to)
    for (const isMoved of [false, true]) {
      const browser = await signedIn(before)
      if (isMoved) await (await moving.open(browser)).set('n', 1).save()
      const copy = browser.copy()
      await (await moving.open(browser)).destroy()
      expect((await moving.open(browser)).isNew).toBe(true)
      const holder = isMoved ? to : from
      for (const site of [before, moving, after]) {
        if (holder !== 'cookie') expect((await site.open(copy)).isNew).toBe(true)
      }
    }
  })

  test('gives a regenerated session a new token in the new store', async () => {
    const { before, moving, after } = await openSites(from, to)
    const browser = await signedIn(before)
    const old = browser.copy()
    expect(await (await moving.open(browser)).regenerate()).toBe('saved')
    expect(await dataOf(after, browser)).toEqual({ user: 'ada' })
    expect(browser.cookies.get('sess')).not.toBe(old.cookies.get('sess'))
    if (from !== 'cookie') expect((await moving.open(old)).isNew).toBe(true)
  })
})

describe.each(pairs)('without a move, %s sessions', (from, to) => {
  test(`are empty ones in ${to}, and no error`, async () => {
    const { before, after } = await openSites(from, to)
    const browser = await signedIn(before)
    const session = await after.open(browser)
    expect([session.isNew, session.size]).toEqual([true, 0])
    await session.set('user', 'grace').save()
    expect(await dataOf(after, browser)).toEqual({ user: 'grace' })
  })
})

describe('a store that takes over from another one', () => {
  const memory = ({ now }: FakeClock) =>
    createMemoryStore({ entries: new Map(), records: createTestRecords(now), now })

  function openMove() {
    const clock = createFakeClock()
    const [to, from] = [memory(clock), memory(clock)]
    const site = (store: SessionStore) => createTestSite({ clock, store: () => store })
    return { to, from, before: site(from), moving: site(createMigratingStore({ to, from })) }
  }

  for (const { title, run } of storeContract({ backend: false, adopt: false })) {
    test(title, async () => {
      const clock = createFakeClock()
      await run({ clock, store: createMigratingStore({ to: memory(clock), from: memory(clock) }) })
    })
  }

  test('merges two overlapping first saves', async () => {
    const { before, moving } = openMove()
    const browser = await signedIn(before)
    const [one, two] = [await moving.open(browser), await moving.open(browser)]
    expect(await one.set('one', 1).save()).toBe('saved')
    expect(await two.set('two', 2).save()).toBe('saved')
    expect(await dataOf(moving, browser)).toEqual({ user: 'ada', one: 1, two: 2 })
  })

  test('merges a save that a server without the move makes in the middle of it', async () => {
    const { before, moving, to } = openMove()
    const browser = await signedIn(before)
    const session = await moving.open(browser)
    const move = to.adopt.bind(to)
    vi.spyOn(to, 'adopt').mockImplementationOnce(async (...args) => {
      const result = await move(...args)
      await (await before.open(browser)).set('meanwhile', 1).save()
      return result
    })
    expect(await session.set('n', 1).save()).toBe('saved')
    expect(await dataOf(moving, browser)).toEqual({ user: 'ada', n: 1, meanwhile: 1 })
    expect((await before.open(browser)).isNew).toBe(true)
  })

  test('a logout in the middle of a move stays a logout', async () => {
    const { before, moving, to } = openMove()
    const browser = await signedIn(before)
    const session = await moving.open(browser)
    const move = to.adopt.bind(to)
    vi.spyOn(to, 'adopt').mockImplementationOnce(async (...args) => {
      const result = await move(...args)
      await (await before.open(browser.copy())).destroy()
      return result
    })
    expect(await session.set('n', 1).save()).toBe('ended')
    expect(await to.load(browser.cookies.get('sess') ?? '')).toEqual({ refused: 'unknown' })
    expect((await moving.open(browser)).isNew).toBe(true)
  })

  test('a visitor whose session moves between a look into the new store and one into the old is found', async () => {
    const { before, moving, to } = openMove()
    const browser = await signedIn(before)
    const other = await moving.open(browser.copy())
    vi.spyOn(to, 'load').mockImplementationOnce(async () => {
      await other.set('n', 1).save()
      return { refused: 'unknown' } // as it was before the other save
    })
    expect(await dataOf(moving, browser)).toEqual({ user: 'ada', n: 1 })
  })

  test('a visit extends a session that moves between a look into the new store and one into the old', async () => {
    const { before, moving, to } = openMove()
    const browser = await signedIn(before)
    const other = await moving.open(browser.copy())
    vi.spyOn(to, 'touch').mockImplementationOnce(async () => {
      await other.set('n', 1).save()
      return false // as it was before the other save
    })
    expect(await (await moving.open(browser)).touch()).toBe('touched')
  })

  test('signs in a visitor whose record both stores hold in one place, as two lists of memcached servers do', async () => {
    const clock = createFakeClock()
    const store = memory(clock)
    const moving = createMigratingStore({ to: store, from: { ...store } })
    const site = createTestSite({ clock, store: () => moving })
    const browser = await signedIn(site)
    expect(await (await site.open(browser)).regenerate()).toBe('saved')
    expect(await dataOf(site, browser)).toEqual({ user: 'ada' })
  })

  test.each(['to', 'from'] as const)(
    'is in trouble when its "%s" store is: no session is new for that',
    async (which) => {
      const move = openMove()
      const browser = await signedIn(move.before)
      vi.spyOn(move[which], 'load').mockRejectedValue(new SessionStoreError('memory', 'load'))
      await expect(move.moving.open(browser)).rejects.toThrow(SessionStoreError)
      expect((await move.moving.open(new TestBrowser())).isNew).toBe(true)
    },
  )

  test('asks the old store about nothing that was the new one’s', async () => {
    const { moving, from } = openMove()
    const browser = await signedIn(moving)
    const load = vi.spyOn(from, 'load')
    await moving.open(browser)
    moving.clock.advance({ seconds: 3600 })
    expect((await moving.open(browser)).isNew).toBe(true)
    expect(load).not.toHaveBeenCalled()
  })

  test('sweeps both, within one bound', async () => {
    const { before, moving, from, to } = openMove()
    for (const site of [before, before, moving, moving]) await signedIn(site)
    before.clock.advance({ seconds: 3600 })
    const now = before.clock.now()
    expect(await moving.store.sweep?.(now, 3)).toBe(3)
    expect(await moving.store.sweep?.(now, 3)).toBe(1)
    expect(await Promise.all([from.count?.(), to.count?.()])).toEqual([
      { live: 0, expired: 0 },
      { live: 0, expired: 0 },
    ])
  })

  test('ends a session, too, that moves while everyone’s are ended', async () => {
    const { before, moving, from } = openMove()
    const browser = await signedIn(before)
    const session = await moving.open(browser)
    const destroyAll = from.destroyAll.bind(from)
    vi.spyOn(from, 'destroyAll').mockImplementationOnce(async () => {
      await session.set('n', 1).save()
      await destroyAll()
    })
    await moving.store.destroyAll()
    expect((await moving.open(browser)).isNew).toBe(true)
  })

  test('ends a session for good that was on its way when everyone’s were ended', async () => {
    for (const end of ['before', 'after'] as const) {
      const { before, moving, from, to } = openMove()
      const browser = await signedIn(before)
      const session = await moving.open(browser)
      const move = to.adopt.bind(to)
      vi.spyOn(to, 'adopt').mockImplementationOnce(async (...args) => {
        if (end === 'before') await moving.store.destroyAll()
        const result = await move(...args)
        if (end === 'after') await moving.store.destroyAll()
        return result
      })
      expect(await session.set('n', 1).save()).toBe('ended')
      expect((await moving.open(browser)).isNew).toBe(true)
      expect([await to.count?.(), await from.count?.()]).toEqual(Array(2).fill({ live: 0, expired: 0 }))
      expect(await (await moving.open(browser)).set('user', 'grace').save()).toBe('saved')
    }
  })

  test('from cookies ends what is in the new store, and says what ends the cookies', async () => {
    const clock = createFakeClock()
    const to = memory(clock)
    const site = createTestSite({
      clock,
      store: (parts) => createMigratingStore({ to, from: createCookieStore(parts) }),
    })
    const browser = await signedIn(site)
    await expect(site.store.destroyAll()).rejects.toMatchObject({
      name: 'SessionUnsupportedError',
      message: expect.stringContaining('SESSION_EPOCH'),
    })
    expect((await site.open(browser)).isNew).toBe(true)
  })

  test('leaves no mark where a session has moved: a move back finds it', async () => {
    const { before, moving, to, from } = openMove()
    const browser = await signedIn(before)
    await (await moving.open(browser)).set('n', 1).save()
    const back = createTestSite({
      clock: moving.clock,
      store: () => createMigratingStore({ to: from, from: to }),
    })
    expect(await dataOf(back, browser)).toEqual({ user: 'ada', n: 1 })
  })

  test('ends everyone’s sessions on both sides', async () => {
    const { before, moving } = openMove()
    const [old, moved] = [await signedIn(before), await signedIn(moving)]
    await moving.store.destroyAll()
    for (const browser of [old, moved]) expect((await moving.open(browser)).isNew).toBe(true)
  })
})
