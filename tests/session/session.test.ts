import { expect, test, vi } from 'vitest'
import type { SessionContext } from '@/lib/session/core/context'
import { SessionReadOnlyError } from '@/lib/session/core/errors'
import { canAdopt } from '@/lib/session/core/store'
import { canList } from '@/lib/session/stores/abilities'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { tracing } from '@/lib/session/trace'
import { cookieSite, describeEachStore, memorySite } from './each-store'

describeEachStore('a session', (openSite) => {
  test('counts 1, 2, 3 for a browser that saves, and another browser never sees it', async () => {
    const site = openSite()
    const [browser, other] = [new TestBrowser(), new TestBrowser()]
    const counts = []
    for (let visit = 0; visit < 3; visit++) {
      const session = await site.open(browser)
      session.set('visits', (session.get('visits', 0) as number) + 1)
      await session.save()
      counts.push(session.get('visits'))
    }
    expect(counts).toEqual([1, 2, 3])
    expect((await site.open(other)).get('visits')).toBeUndefined()
  })

  test('that is only read sends no cookie and stores nothing', async () => {
    const site = openSite()
    const create = vi.spyOn(site.store, 'create')
    const browser = new TestBrowser()
    const session = await site.open(browser)
    session.get('visits')
    session.has('visits')
    session.toObject()
    await site.visit(browser)
    expect(browser.received).toEqual([])
    expect(create).not.toHaveBeenCalled()
    expect(session).toMatchObject({
      isNew: true,
      id: null,
      createdAt: null,
      lastSeenAt: null,
      expiresAt: null,
    })
  })

  test('set without save is gone on the next request, and the old value is still there', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('colour', 'red').set('list', ['a']).save()
    const second = await site.open(browser)
    second.set('colour', 'blue')
    ;(second.get('list') as string[]).push('b')
    expect(second.get('colour')).toBe('blue')
    expect((await site.open(browser)).toObject()).toEqual({ colour: 'red', list: ['a'] })
  })

  test('is loaded once in a request, however often the request saves', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('n', 0).save()
    const load = vi.spyOn(site.store, 'load')
    const update = vi.spyOn(site.store, 'update')
    const session = await site.open(browser)
    await session.set('n', 1).save()
    await session.set('n', 2).save()
    expect([load.mock.calls.length, update.mock.calls.length]).toEqual([1, 2])
    expect((await site.open(browser)).get('n')).toBe(2)
  })

  test('that was just created or regenerated is saved again without a load', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    const load = vi.spyOn(site.store, 'load')
    const session = await site.open(browser)
    await session.set('n', 1).save()
    await session.set('n', 2).save()
    expect(load).not.toHaveBeenCalled()
    await session.regenerate()
    load.mockClear()
    await session.set('n', 3).save()
    expect(load).not.toHaveBeenCalled()
    expect((await site.open(browser)).get('n')).toBe(3)
  })

  test('stores what was pushed into a list once it is saved', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('list', ['a']).save()
    const second = await site.open(browser)
    ;(second.get('list') as string[]).push('b')
    expect(second.isDirty).toBe(true)
    await second.save()
    expect((await site.open(browser)).get('list')).toEqual(['a', 'b'])
  })

  test('gives back rich values and awkward keys identical', async () => {
    const data: [string, unknown][] = [
      ['ключ', new Date(0)],
      ['🎈', new Map([[1n, new Set(['x'])]])],
      ['', null],
      ['a.b', new URL('https://example.com/')],
      ['0', new Uint8Array([1, 2])],
      ['__proto__', { constructor: 1 }],
      ['tag', ['Date', 'x']],
    ]
    const site = openSite()
    const browser = new TestBrowser()
    const session = await site.open(browser)
    for (const [key, value] of data) session.set(key, value)
    await session.save()
    expect(new Map((await site.open(browser)).entries())).toStrictEqual(new Map(data))
  })

  test('refuses a value that cannot be stored and is itself untouched', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('a', 1).save()
    const session = await site.open(browser)
    expect(() => session.set('a', { run: () => 1 })).toThrow(/"a" at \.run/)
    expect(session.isDirty).toBe(false)
    expect((await site.open(browser)).toObject()).toEqual({ a: 1 })
  })

  test('writes no data when it is saved clean, and counts that as activity', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('a', 1).save()
    const [update, create] = [vi.spyOn(site.store, 'update'), vi.spyOn(site.store, 'create')]
    site.clock.advance({ seconds: 10 })
    const session = await site.open(browser)
    session.set('a', 1)
    session.delete('missing')
    expect(session.isDirty).toBe(false)
    const token = browser.cookies.get('sess')
    expect(await session.save()).toBe('saved')
    expect(update).not.toHaveBeenCalled()
    expect(create).not.toHaveBeenCalled()
    expect(browser.cookies.get('sess')).toBe(token)
    expect(session.lastSeenAt?.getTime()).toBe(site.clock.now())
  })

  test('stays the same object to the browser over many saves: same id, same creation time', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    const first = await site.open(browser)
    await first.set('a', 1).save()
    site.clock.advance({ seconds: 5 })
    const second = await site.open(browser)
    await second.set('a', 2).save()
    expect(second.id).toBe(first.id)
    expect(second.createdAt).toEqual(first.createdAt)
    expect([first.isNew, second.isNew]).toEqual([true, false])
  })

  test('can be saved more than once in a request', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    const session = await site.open(browser)
    await session.set('a', 1).save()
    await session.set('b', 2).save()
    await Promise.all([session.set('c', 3).save(), session.set('d', 4).save()])
    expect((await site.open(browser)).toObject()).toEqual({ a: 1, b: 2, c: 3, d: 4 })
  })

  test('lives on empty after clear, and ends with destroy', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    const first = await site.open(browser)
    await first.set('a', 1).save()
    const second = await site.open(browser)
    second.clear()
    await second.save()
    const third = await site.open(browser)
    expect([third.size, third.isNew, third.id]).toEqual([0, false, first.id])
    await third.destroy()
    expect([third.isNew, third.id, third.size]).toEqual([true, null, 0])
    expect([...browser.cookies.keys()]).toEqual([])
    expect((await site.open(browser)).isNew).toBe(true)
  })

  test('is again what was loaded after revert, nested changes included', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser))
      .set('list', [{ a: 1 }])
      .set('b', 1)
      .save()
    const session = await site.open(browser)
    ;(session.get('list') as { a: number }[])[0] = { a: 2 }
    session.delete('b')
    session.set('c', 1)
    session.revert()
    expect(session.toObject()).toEqual({ list: [{ a: 1 }], b: 1 })
    expect(session.isDirty).toBe(false)
  })

  test('can be destroyed twice, and without there being one', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    const session = await site.open(browser)
    await session.destroy()
    expect(browser.received).toEqual([])
    await session.set('a', 1).save()
    await session.destroy()
    await session.destroy()
    expect((await site.open(browser)).isNew).toBe(true)
  })

  test('that is gone has its cookies expired by destroy', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    browser.cookies.set('sess', 'junk')
    browser.cookies.set('sess_touch', 'junk')
    await (await site.open(browser)).destroy()
    expect([...browser.cookies.keys()]).toEqual([])
  })

  test('starts anew with another id when it is set and saved after destroy', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    const session = await site.open(browser)
    await session.set('a', 1).save()
    const id = session.id
    await session.destroy()
    await session.set('b', 2).save()
    expect(session.id).not.toBe(id)
    expect((await site.open(browser)).toObject()).toEqual({ b: 2 })
  })

  test('keeps data and creation time under another id after regenerate, unsaved changes included', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('a', 1).save()
    site.clock.advance({ seconds: 5 })
    const session = await site.open(browser)
    const { id, createdAt } = session
    session.set('b', 2)
    expect(await session.regenerate()).toBe('saved')
    const after = await site.open(browser)
    expect(after.id).not.toBe(id)
    expect(after.createdAt).toEqual(createdAt)
    expect(after.toObject()).toEqual({ a: 1, b: 2 })
  })

  test('that is new can be regenerated, which saves it', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('a', 1).regenerate()
    expect((await site.open(browser)).get('a')).toBe(1)
  })

  test('changes nothing where cookies cannot be written, and says where they can', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('a', 1).save()
    const writes = (['create', 'update', 'touch', 'destroy'] as const).map((name) =>
      vi.spyOn(site.store, name),
    )
    const sent = browser.received.length
    const session = await site.open(browser, { readOnly: true })
    session.set('a', 2)
    for (const write of [
      () => session.save(),
      () => session.destroy(),
      () => session.regenerate(),
      () => session.touch(),
      () => session.setAvoidTouch(true),
    ]) {
      await expect(write()).rejects.toThrow(SessionReadOnlyError)
      await expect(write()).rejects.toThrow(/Server Action or a Route Handler/)
    }
    for (const write of writes) expect(write).not.toHaveBeenCalled()
    expect(browser.received).toHaveLength(sent)
    expect((await site.open(browser)).get('a')).toBe(1)
  })

  test('a write that the response overtakes sends no cookie, and the token of the browser still opens the session', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('a', 1).save()
    const id = (await site.open(browser)).id
    const sent = browser.received.length
    for (const [call, write] of [
      ['create', 'regenerate'],
      ['destroy', 'regenerate'],
      ['update', 'save'],
    ] as const) {
      let hasLeft = false
      const original = site.store[call].bind(site.store) as (...args: unknown[]) => Promise<unknown>
      const spy = vi.spyOn(site.store, call).mockImplementation((async (...args: unknown[]) => {
        const answer = await original(...args)
        hasLeft = true // the response, while the store was at work
        return answer
      }) as never)
      const session = await site.open(browser, { readOnly: () => hasLeft })
      await expect(session.set('b', 2)[write]()).rejects.toThrow(SessionReadOnlyError)
      spy.mockRestore()
      expect(session.isDirty).toBe(true)
      expect(browser.received).toHaveLength(sent)
      const next = await site.open(browser)
      expect([next.id, next.get('a')]).toEqual([id, 1])
    }
    if (canList(site.store)) expect(await site.store.count()).toEqual({ live: 1, expired: 0 })
  })

  test('a new session that the response overtakes leaves nothing in the store', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    let hasLeft = false
    const create = site.store.create.bind(site.store)
    vi.spyOn(site.store, 'create').mockImplementation(async (...args) => {
      hasLeft = true
      return create(...args)
    })
    // `assertWritable` is asked before the store.
    const session = await site.open(browser, { readOnly: () => hasLeft })
    await expect(session.set('a', 1).save()).rejects.toMatchObject({ late: true, message: /too late/ })
    expect(browser.cookies.size).toBe(0)
    if (canList(site.store)) expect(await site.store.count()).toEqual({ live: 0, expired: 0 })
  })

  test('names the line of each change that was not saved, when it is watched for that', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('list', [1]).save()
    const change = (context: SessionContext) => tracing.watch(context, { trace: false, lines: true }).context
    const session = await site.open(browser, { change })
    session.set('colour', 'red')
    ;(session.get('list') as number[]).push(2)
    const changes = session.unsavedChanges()
    expect(changes.map(({ key }) => key).sort()).toEqual(['colour', 'list'])
    for (const { at } of changes) expect(at).toMatch(/session\.test\.ts:\d+:\d+/)
  })

  test.each([
    ['junk', 'junk'],
    ['an empty value', ''],
    ['a path', '../../../etc/passwd'],
    ['a well-formed token that was never issued', 'A'.repeat(43)],
    ['megabytes of rubbish', 'x'.repeat(4_000_000)],
  ])(
    'is empty and new for a cookie of %s, with one event and not a word of the value',
    async (_title, value) => {
      const site = openSite()
      const browser = new TestBrowser()
      browser.cookies.set('sess', value)
      await site.visit(browser)
      const session = await site.open(browser)
      expect([session.isNew, session.size]).toEqual([true, 0])
      expect(site.events).toEqual([{ event: 'refused', reason: expect.any(String) }])
      expect(browser.received).toEqual([])
      await session.set('a', 1).save()
      expect(browser.cookies.get('sess')).not.toBe(value)
      expect((await site.open(browser)).get('a')).toBe(1)
    },
  )

  test('sends both cookies with the right attributes, and deletes them with the same', async () => {
    const site = openSite({ cookie: { domain: 'example.com', path: '/app', sameSite: 'strict' } })
    const browser = new TestBrowser()
    const session = await site.open(browser)
    await session.set('a', 1).save()
    await session.destroy()
    const attributes = {
      httpOnly: true,
      secure: true,
      sameSite: 'strict',
      path: '/app',
      domain: 'example.com',
    }
    expect(browser.received.map(({ name, attributes }) => ({ name, attributes }))).toEqual([
      { name: 'sess', attributes: { ...attributes, maxAge: 86_400 } },
      { name: 'sess_touch', attributes: { ...attributes, maxAge: 3600 } },
      { name: 'sess', attributes: { ...attributes, maxAge: 0 } },
      { name: 'sess_touch', attributes: { ...attributes, maxAge: 0 } },
    ])
  })

  test('sends Max-Age up to the absolute end, at most 400 days, and none when cookies are not to persist', async () => {
    const maxAges = async (options: Parameters<typeof openSite>[0]) => {
      const browser = new TestBrowser()
      await (await openSite(options).open(browser)).set('a', 1).save()
      return browser.received.map(({ attributes }) => attributes.maxAge)
    }
    const days = (n: number) => n * 86_400_000
    expect(await maxAges({ limits: { absoluteMs: days(1000), idleMs: days(500) } })).toEqual([
      34_560_000, 34_560_000,
    ])
    expect(await maxAges({ limits: { absoluteMs: 10_000, idleMs: 20_000 } })).toEqual([10, 10])
    expect(await maxAges({ cookie: { persist: false } })).toEqual([undefined, undefined])
  })
})

test('a visit sets the cookie of an empty session when uninitialized sessions are to be saved', async () => {
  for (const site of [cookieSite(), memorySite()]) {
    const browser = new TestBrowser()
    await site.visit(browser, { saveUninitialized: true })
    expect([...browser.cookies.keys()]).toEqual(['sess', 'sess_touch'])
    const session = await site.open(browser)
    expect([session.isNew, session.size]).toEqual([false, 0])
    const received = browser.received.length
    await site.visit(browser, { saveUninitialized: true })
    expect(browser.received).toHaveLength(received)
  }
})

test('a new token that never left is taken back after the save that was under way, and the old one opens', async () => {
  const site = memorySite()
  const browser = new TestBrowser()
  await (await site.open(browser)).set('n', 1).save()
  const sent = browser.copy()
  const session = await site.open(browser)
  await session.set('n', 2).regenerate()
  const saving = session.set('n', 3).save()
  if (!canAdopt(site.store)) throw new Error('the memory store can adopt')
  const putBack = site.store.adopt.bind(site.store)
  vi.spyOn(site.store, 'adopt').mockImplementation(async (...record) => {
    await saving
    return putBack(...record)
  })
  await session.cookiesLost()
  expect(site.events).toEqual([{ event: 'cookies-lost', operations: ['regenerate', 'save'], undone: true }])
  expect((await site.open(sent)).get('n')).toBe(1)
})

test('a session in a cookie that would be too large is refused and stays as it was', async () => {
  const site = cookieSite()
  const browser = new TestBrowser()
  await (await site.open(browser)).set('note', 'small').save()
  const sent = browser.received.length
  const session = await site.open(browser)
  session.set('note', 'x'.repeat(5000))
  await expect(session.save()).rejects.toMatchObject({ name: 'SessionTooLargeError', limitBytes: 4096 })
  expect(browser.received).toHaveLength(sent)
  expect((await site.open(browser)).get('note')).toBe('small')
})

test.each([
  ['cookie', cookieSite],
  ['memory', memorySite],
])(
  'secrets rotate in the %s store: an old one opens, a changing save moves to the newest, dropping it ends the rest',
  async (_store, openSite) => {
    const [old, next] = ['old secret '.repeat(4), 'new secret '.repeat(4)]
    const { clock } = openSite()
    const entries = new Map()
    const [moved, stayed] = [new TestBrowser(), new TestBrowser()]
    for (const browser of [moved, stayed])
      await (await openSite({ clock, entries, secrets: [old] }).open(browser)).set('a', 1).save()
    const rotated = openSite({ clock, entries, secrets: [next, old] })
    await (await rotated.open(moved)).set('b', 2).save()
    await (await rotated.open(stayed)).save()
    const dropped = openSite({ clock, entries, secrets: [next] })
    expect((await dropped.open(moved)).toObject()).toEqual({ a: 1, b: 2 })
    expect((await dropped.open(stayed)).isNew).toBe(true)
    expect(dropped.events).toEqual([{ event: 'refused', reason: 'unknown-secret' }])
  },
)

test('in the cookie store the last of two overlapping saves wins, and the other key is lost', async () => {
  const site = cookieSite()
  const browser = new TestBrowser()
  await (await site.open(browser)).set('start', 1).save()
  const [one, two] = [await site.open(browser), await site.open(browser)]
  await one.set('one', 1).save()
  await two.set('two', 2).save()
  expect((await site.open(browser)).toObject()).toEqual({ start: 1, two: 2 })
})
