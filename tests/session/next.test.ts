import * as ironSession from 'iron-session'
import {
  createCookiesWithMutableAccessCheck,
  MutableRequestCookiesAdapter,
  RequestCookiesAdapter,
} from 'next/dist/server/web/spec-extension/adapters/request-cookies'
import { RequestCookies } from 'next/dist/server/web/spec-extension/cookies'
import { NextRequest, NextResponse } from 'next/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type * as NextSide from '@/lib/session/next'
import { TEST_SECRET } from '@/lib/session/testing/test-records'

// Next's request scope, as far as the library uses it: one Headers object for each request, and its cookies.
const request = vi.hoisted(() => ({
  headers: new Headers(),
  cookies: {
    get: (_name: string): { value: string } | undefined => undefined,
    set: (..._args: unknown[]) => {},
  },
  afterwards: [] as (() => void)[],
}))
vi.mock('next/headers', () => ({
  headers: async () => request.headers,
  cookies: async () => request.cookies,
}))
const connection = vi.hoisted(() => vi.fn(async () => {}))
vi.mock(import('next/server'), async (original) => ({
  ...(await original()),
  connection,
  after: ((task: () => void) => request.afterwards.push(task)) as typeof import('next/server').after,
}))
vi.mock(import('iron-session'), { spy: true })
// Every event is a line, at once: what is counted is tested in report.test.ts.
vi.mock(import('@/lib/session/report'), async (original) => ({
  ...(await original()),
  reportEvent: (await import('@/lib/session/on-event')).onEvent,
}))

let next: typeof NextSide
const browser = new Map<string, string>()

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] }) // no deadline passes because a machine is slow
  vi.resetModules()
  vi.clearAllMocks()
  browser.clear()
  vi.stubEnv('SESSION_SECRET', TEST_SECRET)
  vi.stubEnv('SESSION_TOUCH_SECONDS', '0')
  next = await import('@/lib/session/next')
  newRequest()
})

afterEach(() => {
  vi.restoreAllMocks()
})

function newRequest({
  headers = {},
  isReadOnly = false,
}: {
  headers?: Record<string, string>
  isReadOnly?: boolean
} = {}) {
  request.headers = new Headers({ host: 'localhost:3000', ...headers })
  request.afterwards = []
  const sent = new Map(browser)
  request.cookies = {
    get: (name) => (sent.has(name) ? { value: sent.get(name) as string } : undefined),
    set: (...args: unknown[]) => {
      if (isReadOnly) throw new Error('Cookies can only be modified in a Server Action or Route Handler.')
      const [name, value] = typeof args[0] === 'string' ? args : [(args[0] as { name: string }).name]
      browser.set(name as string, value as string)
    },
  }
}

function proxied(headers: Record<string, string> = {}, method = 'GET') {
  const cookie = [...browser].map(([name, value]) => `${name}=${value}`).join('; ')
  return next.touchSession(
    new NextRequest('http://localhost:3000/', { method, headers: { cookie, ...headers } }),
  )
}

async function signIn() {
  newRequest()
  await (await next.getSession<{ user: string }>()).set('user', 'ada').save()
  newRequest()
  vi.clearAllMocks()
}

test('a request loads its session once, however many components ask', async () => {
  await signIn()
  const sessions = await Promise.all([next.getSession(), next.getSession(), next.getSession()])
  expect(new Set(sessions).size).toBe(1)
  expect(ironSession.unsealData).toHaveBeenCalledTimes(1)
})

test('two requests have sessions of their own', async () => {
  const one = await next.getSession()
  newRequest()
  expect(await next.getSession()).not.toBe(one)
})

test('saving where cookies cannot be set fails with the remedy, and asking leaves no cookie behind', async () => {
  newRequest({ isReadOnly: true })
  const session = await next.getSession<{ a: number }>()
  await expect(session.set('a', 1).save()).rejects.toMatchObject({
    name: 'SessionReadOnlyError',
    message: expect.stringMatching(/Server Component.*generateMetadata.*after\(\).*before it returns/),
  })
  expect(ironSession.sealData).not.toHaveBeenCalled()
  newRequest()
  await (await next.getSession<{ a: number }>()).set('a', 1).save()
  expect([...browser.keys()]).toEqual(['sess', 'sess_touch'])
})

test("saving is refused with Next's own cookies of a page, before anything is sealed", async () => {
  request.cookies = RequestCookiesAdapter.seal(
    new RequestCookies(new Headers()),
  ) as unknown as typeof request.cookies
  const session = await next.getSession<{ a: number }>()
  await expect(session.set('a', 1).save()).rejects.toMatchObject({ name: 'SessionReadOnlyError' })
  expect(ironSession.sealData).not.toHaveBeenCalled()
})

test("saving sends two cookies with Next's own cookies of an action, and asking first sends none", async () => {
  const sent: string[][] = []
  const cookies = MutableRequestCookiesAdapter.wrap(new RequestCookies(new Headers()), (lines) =>
    sent.push(lines),
  )
  request.cookies = cookies as unknown as typeof request.cookies
  const session = await next.getSession<{ a: number }>()
  await session.destroy()
  expect(sent).toEqual([])
  await session.set('a', 1).save()
  expect(sent.at(-1)?.map((line) => line.split('=')[0])).toEqual(['sess', 'sess_touch'])
})

test("after a Server Action has returned, Next's own cookies refuse, and the error says so", async () => {
  const mutableCookies = MutableRequestCookiesAdapter.wrap(new RequestCookies(new Headers()))
  const store = { phase: 'action', mutableCookies }
  request.cookies = createCookiesWithMutableAccessCheck(store as never) as unknown as typeof request.cookies
  const session = await next.getSession<{ a: number }>()
  await session.set('a', 1).save()
  vi.clearAllMocks()
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  store.phase = 'render' // as Next does when the action returns, while the page after it is still to be rendered
  await expect(session.set('a', 2).save()).rejects.toMatchObject({ place: 'action-returned' })
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('"event":"late-write"'))
  expect(ironSession.sealData).not.toHaveBeenCalled()
})

/** A request with this Cookie header, on Next's own cookies of an action. */
function newAction(cookie: string, headers: Record<string, string> = {}) {
  const sent: string[][] = []
  newRequest({ headers: { cookie, ...headers } })
  const cookies = MutableRequestCookiesAdapter.wrap(new RequestCookies(request.headers), (lines) =>
    sent.push(lines),
  )
  request.cookies = cookies as unknown as typeof request.cookies
  return { cookies, setCookies: () => sent.at(-1) ?? [] }
}

test.each(['sess=junk; sess=<good>', 'sess=<good>; sess=junk', 'sess=%; sess=<good>; sess='])(
  'with %s in the header the good one is the session, in the proxy and in an action alike',
  async (header) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await signIn()
    const cookie = header.replace('<good>', browser.get('sess') ?? '')
    for (const method of ['GET', 'POST']) {
      const forwarded = (await proxied({ cookie }, method)).headers.get('x-middleware-request-cookie')
      // What Next itself reads of the header, for the page of a redirect after an action among others.
      const read = new RequestCookies(new Headers({ cookie: forwarded ?? cookie })).get('sess')?.value
      expect(read).toBe(browser.get('sess'))
      for (const seen of [forwarded ?? cookie, cookie]) {
        newAction(seen)
        expect((await next.getSession<{ user: string }>()).get('user')).toBe('ada')
      }
    }
    expect(new Set(warn.mock.calls.map(([line]) => line))).toEqual(
      new Set(['{"source":"session","event":"several-cookies","cookies":2}']),
    )
  },
)

test('a cookie that another part of the app has set in this request takes the place of those sent', async () => {
  await signIn()
  const good = browser.get('sess') ?? ''
  newAction(`sess=junk; sess=${good}`).cookies.set('sess', 'edited')
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  expect((await next.getSession()).isNew).toBe(true)
  newAction('sess=junk').cookies.set('sess', good)
  expect((await next.getSession<{ user: string }>()).get('user')).toBe('ada')
})

test('a sign-out expires what an earlier Domain or Path may have left, each in a header of its own', async () => {
  await signIn()
  const action = newAction(`sess=${browser.get('sess')}; theme=dark`, {
    host: 'shop.example.com:8443',
    referer: 'https://shop.example.com:8443/app?a=/b',
  })
  await (await next.getSession()).destroy()
  const expired = action.setCookies().filter((line) => line.includes('Max-Age=0'))
  expect(expired).toHaveLength(action.setCookies().length)
  const variants = expired.map((line) => {
    const [pair = '', ...attributes] = line.split('; ')
    const value = (name: string) =>
      attributes.find((attribute) => attribute.startsWith(name))?.slice(name.length)
    return `${pair.trim().replace(/ +=/, '=')} ${value('Domain=') ?? ''}${value('Path=')}`
  })
  const wanted = ['', 'shop.example.com', 'example.com'].flatMap((domain) =>
    ['/', '/app', '/app/'].map((path) => `${domain}${path}`),
  )
  for (const name of ['sess', 'sess_touch']) {
    const own = variants.filter((variant) => variant.startsWith(`${name}= `))
    expect(own.sort()).toEqual(wanted.map((place) => `${name}= ${place}`).sort())
  }
  // The same request still sees one cookie, and no other name has changed.
  expect(action.cookies.get('sess')?.value).toBe('')
  expect(action.cookies.get('theme')?.value).toBe('dark')
})

test.each([
  ['of another site', 'https://evil.example/app'],
  ['of another port', 'http://localhost:4000/app'],
  ['that is none', 'junk'],
])('a Referer %s tells no path', async (_, referer) => {
  await signIn()
  const action = newAction(`sess=${browser.get('sess')}`, { referer })
  await (await next.getSession()).destroy()
  expect(action.setCookies().map((line) => line.split('=')[0])).toEqual(['sess', 'sess_touch'])
})

test('the proxy seals and unseals nothing when the touch cookie is good', async () => {
  await signIn()
  const response = await proxied()
  expect(response.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^sess_touch=.*HttpOnly.*SameSite=Lax/),
  ])
  expect(ironSession.sealData).not.toHaveBeenCalled()
  expect(ironSession.unsealData).not.toHaveBeenCalled()
})

test('a response with a touch cookie is private, and the page of the same request sees the new cookie', async () => {
  await signIn()
  const response = await proxied()
  const [touch] = response.headers.getSetCookie()[0]?.split(';') ?? []
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  expect(response.headers.get('x-middleware-request-cookie')).toContain(touch)
  expect(response.headers.get('x-middleware-request-cookie')).toContain(`sess=${browser.get('sess')}`)
})

test('the page sees every other cookie as the browser sent it', async () => {
  await signIn()
  const cookie = `a={"x": 1}; bad=%E0%A4%A; ${[...browser].map((pair) => pair.join('=')).join('; ')}; b=1`
  const forwarded = (await proxied({ cookie })).headers.get('x-middleware-request-cookie') ?? ''
  expect(forwarded).toMatch(/^a=\{"x": 1\}; bad=%E0%A4%A; sess=[^;]+; sess_touch=[^;]+; b=1$/)
})

test('a visitor without a session passes the proxy untouched', async () => {
  const response = await proxied()
  expect(response.headers.getSetCookie()).toEqual([])
  expect(response.headers.get('cache-control')).toBeNull()
})

test('only GET and HEAD are touched: an action extends life when it saves', async () => {
  await signIn()
  expect((await proxied({}, 'POST')).headers.getSetCookie()).toEqual([])
  expect((await proxied({}, 'HEAD')).headers.getSetCookie()).toHaveLength(1)
})

test.each([{ purpose: 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' }, { 'x-moz': 'prefetch' }])(
  'a page that a browser fetches ahead, %j, is not touched',
  async (headers) => {
    await signIn()
    expect((await proxied(headers)).headers.getSetCookie()).toEqual([])
  },
)

test('the proxy can answer with a rewrite and still touch', async () => {
  await signIn()
  const cookie = [...browser].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await next.touchSession(
    new NextRequest('http://localhost:3000/', { headers: { cookie } }),
    (init) => NextResponse.rewrite('http://localhost:3000/en', init),
  )
  expect(response.headers.get('x-middleware-rewrite')).toBe('http://localhost:3000/en')
  expect(response.headers.getSetCookie()).toHaveLength(1)
})

test('a first visit gets an empty session when SESSION_SAVE_UNINITIALIZED is true', async () => {
  vi.stubEnv('SESSION_SAVE_UNINITIALIZED', 'true')
  const names = (await proxied()).headers.getSetCookie().map((setCookie) => setCookie.split('=')[0])
  expect(names).toEqual(['sess', 'sess_touch'])
})

test('development reports a change that was never saved, with the line that made it', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const session = await next.getSession<{ colour: string; saved: number }>()
  await session.set('saved', 1).save()
  session.set('colour', 'red')
  for (const task of request.afterwards) task()
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/"event":"unsaved".*"key":"colour".*next\.test\.ts:\d+/)],
  ])
})

test('production reports no unsaved changes', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  await next.getSession()
  expect(request.afterwards).toEqual([])
})

test.each([
  ['http', 'example.com', 1],
  ['https', 'example.com', 0],
  ['http', 'localhost:3000', 0],
  ['http', '127.0.0.1:3000', 0],
])('a Secure cookie over %s at %s warns %d times', async (proto, host, times) => {
  vi.stubEnv('SESSION_COOKIE_SECURE', 'true')
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  for (let visit = 0; visit < 3; visit++) {
    newRequest({ headers: { host, 'x-forwarded-proto': proto } })
    await next.getSession()
  }
  expect(warn).toHaveBeenCalledTimes(times)
})

test.each([
  ['example.com', 'example.com', 0],
  ['example.com', 'app.Example.com:3000', 0],
  ['.example.com', 'app.example.com', 0],
  ['example.com', 'notexample.com', 1],
  ['app.example.com', 'example.com', 1],
  ['example.com', 'localhost:3000', 1],
  ['0.0.1', '127.0.0.1:3000', 1],
])('a cookie for the domain %s at %s warns %d times', async (domain, host, times) => {
  vi.stubEnv('SESSION_COOKIE_DOMAIN', domain)
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  for (let visit = 0; visit < 3; visit++) {
    newRequest({ headers: { host } })
    await next.getSession()
  }
  expect(warn).toHaveBeenCalledTimes(times)
  if (times > 0) expect(warn.mock.lastCall?.[0]).toContain(`${domain} are dropped by browsers at ${host}`)
})

test('behind a proxy the host that the browser asked for counts', async () => {
  vi.stubEnv('SESSION_COOKIE_DOMAIN', 'example.com')
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  newRequest({ headers: { host: '10.0.0.7:3000', 'x-forwarded-host': 'app.example.com' } })
  await next.getSession()
  expect(warn).not.toHaveBeenCalled()
})

test('a page can show the store, the limits and the size of the cookie', async () => {
  await signIn()
  expect(await next.sessionStatus()).toEqual({
    store: 'cookie',
    keyId: expect.stringMatching(/^\d+$/),
    cookieName: 'sess',
    cookieAttributes: { httpOnly: true, secure: false, sameSite: 'lax', path: '/', maxAge: 86_400 },
    cookieBytes: 'sess'.length + (browser.get('sess')?.length ?? 0),
    cookieLimitBytes: 4096,
    idleSeconds: 3600,
    absoluteSeconds: 86_400,
    touchSeconds: 0,
    avoidTouch: false,
  })
})

test('each export waits for a request before it reads anything, so no build needs a secret or freezes an answer', async () => {
  vi.stubEnv('SESSION_SECRET', '')
  const { touchSession: _, ...exports } = next // a proxy runs for requests alone
  const names = Object.keys(exports)
  expect(names).toEqual(expect.arrayContaining(['getSession', 'sessionStatus', 'listSessions']))
  for (const call of Object.values<(...args: never[]) => Promise<unknown>>(exports)) {
    connection.mockRejectedValueOnce(new Error('no request'))
    await expect(call()).rejects.toThrow('no request')
  }
})

test("ending everyone's sessions is refused by the cookie store with the name of what can", async () => {
  await expect(next.destroyAllSessions()).rejects.toMatchObject({
    name: 'SessionUnsupportedError',
    message: expect.stringContaining('SESSION_EPOCH'),
  })
})

test('the page after an action shows what the action did, and what its own request did', async () => {
  newRequest({ headers: { 'next-action': 'abc' } })
  await (await next.getSession<Record<string, unknown>>()).set('a', 1).save()
  expect(browser.has('sess_trace')).toBe(true)

  const response = await proxied()
  newRequest({
    headers: { 'x-session-trace': response.headers.get('x-middleware-request-x-session-trace') ?? '' },
  })
  const { action, visit } = (await next.sessionTrace()) ?? {}
  expect(action?.operations).toEqual([{ name: 'save', outcome: 'saved' }])
  expect(action?.cookies.map(({ name }) => name)).toEqual(['sess', 'sess_touch'])
  expect(visit?.steps.map(({ call }) => call)).toEqual(['touch', 'load'])
  expect(visit?.cookies.map(({ name }) => name)).toEqual(['sess_touch'])
})

test('a page rendered in the request of the action shows the trace of that action', async () => {
  newRequest({ headers: { 'content-type': 'multipart/form-data; boundary=x' } })
  await (await next.getSession<Record<string, unknown>>()).set('a', 1).save()

  const { action, visit } = (await next.sessionTrace()) ?? {}
  expect(action?.operations).toEqual([{ name: 'save', outcome: 'saved' }])
  expect(visit).toBeUndefined()
})

test('a Route Handler reads its own trace and sends none; a forged trace is ignored', async () => {
  newRequest({ headers: { 'content-type': 'application/json' } })
  await (await next.getSession<Record<string, unknown>>()).set('a', 1).save()
  expect(browser.has('sess_trace')).toBe(false)
  expect((await next.sessionTrace())?.visit?.operations).toEqual([{ name: 'save', outcome: 'saved' }])

  browser.set('sess_trace', 'made.up')
  newRequest({ headers: { 'x-session-trace': 'made.up' } })
  const trace = await next.sessionTrace()
  expect(trace?.action).toBeUndefined()
  expect(trace?.visit?.steps.map(({ call }) => call)).toEqual(['load'])
})

test('the trace of an action is not shown to another visitor, nor when a client sends it as the header of the proxy', async () => {
  newRequest({ headers: { 'next-action': 'abc' } })
  await (await next.getSession<Record<string, unknown>>()).set('a', 1).save()
  const trace = browser.get('sess_trace') as string

  newRequest({ headers: { 'x-session-trace': trace } })
  expect((await next.sessionTrace())?.visit?.steps.map(({ call }) => call)).toEqual(['load'])

  browser.clear()
  browser.set('sess_trace', trace)
  newRequest()
  expect((await next.sessionTrace())?.action).toBeUndefined()
})

test('the page after destroy() shows that the session was destroyed', async () => {
  await signIn()
  newRequest({ headers: { 'next-action': 'abc' } })
  await (await next.getSession()).destroy()
  browser.delete('sess') // as the browser does
  newRequest()
  expect((await next.sessionTrace())?.action?.operations).toEqual([{ name: 'destroy', outcome: 'done' }])
})

test.each(['GET', 'HEAD', 'POST'])(
  'a trace that a client sends with %s never reaches a page',
  async (method) => {
    const response = await proxied({ 'x-session-trace': 'made.up' }, method)
    const kept = response.headers.get('x-middleware-override-headers')?.split(',')
    expect(kept).toContain('cookie')
    expect(kept).not.toContain('x-session-trace')
  },
)

test('production keeps no request trace unless SESSION_TRACE asks for it', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  newRequest({ headers: { 'next-action': 'abc' } })
  const session = await next.getSession<Record<string, unknown>>()
  await session.set('a', 1).save()

  expect(await next.sessionTrace()).toBeUndefined()
  expect([...browser.keys()].some((name) => name.endsWith('_trace'))).toBe(false)
})

test('a copy without the folder trace/ has no request trace, and still warns of unsaved changes', async () => {
  vi.resetModules()
  vi.doMock(import('@/lib/session/site'), async (original) => ({
    ...(await original()),
    tracing: (await import('@/lib/session/tracing')).noTracing,
  }))
  next = await import('@/lib/session/next')
  vi.doUnmock('@/lib/session/site')
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  newRequest({ headers: { 'next-action': 'abc' } })
  const session = await next.getSession<Record<string, unknown>>()
  await session.set('a', 1).save()
  session.set('colour', 'red')
  for (const task of request.afterwards) task()

  expect(await next.sessionTrace()).toBeUndefined()
  expect((await proxied()).headers.get('x-middleware-request-x-session-trace')).toBeNull()
  expect([...browser.keys()]).toEqual(['sess', 'sess_touch'])
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/"unsaved".*"key":"colour","at":""/)]])
})
