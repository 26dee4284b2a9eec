import { lessons } from '@/app/(course)/lessons'
import { SESSION_COOKIE, TOUCH_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { sessionCookies } from './page-parts'
import { PAGES } from './pages'
import type { RawResponse } from './raw'

const save = { method: 'PATCH', body: { set: { a: 1 } } }
const DAY_SECONDS = 86_400

/** The one Set-Cookie of this name. */
function cookieOf({ setCookies }: RawResponse, name: string) {
  const found = setCookies.filter((cookie) => cookie.name === name)
  expect(found, `Set-Cookie headers for ${name}`).toHaveLength(1)
  return found[0]
}

test('a visitor who only looks gets no cookie, on any page', async ({ server }) => {
  for (const path of PAGES) {
    const { status, setCookies } = await new HttpVisitor(server).send(path)
    expect({ path, status, setCookies }).toEqual({ path, status: 200, setCookies: [] })
  }
})

test('saving sets two cookies that scripts cannot read and other sites do not send', async ({ server }) => {
  const response = await new HttpVisitor(server).send('/api/session', save)

  expect(response.setCookies.map(({ name }) => name).sort()).toEqual([SESSION_COOKIE, TOUCH_COOKIE])
  for (const cookie of response.setCookies) {
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'lax', path: '/' })
    expect(cookie.domain).toBeUndefined()
  }
})

test('a browser keeps both cookies, for this host alone', async ({ page, context }) => {
  await page.goto('/get')
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(page.getByRole('definition').filter({ hasText: /^1$/ })).toBeVisible()

  const cookies = await sessionCookies(context)
  expect(cookies.map(({ name }) => name).sort()).toEqual([SESSION_COOKIE, TOUCH_COOKIE])
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      path: '/',
      domain: 'localhost',
    })
  }
  expect(await page.evaluate(() => document.cookie)).toBe('')
})

test('the session cookie lasts to the absolute limit, the touch cookie to the idle limit', async ({
  server,
}) => {
  const visitor = new HttpVisitor(server)
  const first = await visitor.send('/api/session', save)
  expect(cookieOf(first, SESSION_COOKIE)?.maxAge).toBe(DAY_SECONDS)
  expect(cookieOf(first, TOUCH_COOKIE)?.maxAge).toBe(3600)

  // In steps inside the idle limit, to the last half hour of the day.
  for (let minutes = 0; minutes < 23.5 * 60; minutes += 47) {
    await server.advance({ seconds: 47 * 60 })
    await visitor.send('/get')
  }
  const last = await visitor.send('/api/session', { method: 'PATCH', body: { increment: { a: 1 } } })
  expect(cookieOf(last, SESSION_COOKIE)?.maxAge).toBeLessThanOrEqual(1800)
  expect(cookieOf(last, TOUCH_COOKIE)?.maxAge).toBe(cookieOf(last, SESSION_COOKIE)?.maxAge)
})

test('no cookie lasts longer than 400 days', async ({ startAnother }) => {
  const server = await startAnother({
    SESSION_IDLE_SECONDS: String(500 * DAY_SECONDS),
    SESSION_ABSOLUTE_SECONDS: String(1000 * DAY_SECONDS),
  })
  const response = await new HttpVisitor(server).send('/api/session', save)

  expect(cookieOf(response, SESSION_COOKIE)?.maxAge).toBe(400 * DAY_SECONDS)
  expect(cookieOf(response, TOUCH_COOKIE)?.maxAge).toBe(400 * DAY_SECONDS)
})

test('without persistence the cookies have no end of their own, and the server’s limits still hold', async ({
  startAnother,
}) => {
  const server = await startAnother({ SESSION_COOKIE_PERSIST: 'false', SESSION_IDLE_SECONDS: '60' })
  const visitor = new HttpVisitor(server)
  const { setCookies } = await visitor.send('/api/session', save)

  expect(setCookies).toHaveLength(2)
  for (const { maxAge, expires } of setCookies) expect({ maxAge, expires }).toEqual({})
  await server.advance({ seconds: 61 })
  expect(await visitor.session()).toMatchObject({ isNew: true, data: {} })
})

test('ending a session expires both cookies with the attributes they were set with', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.send('/api/session', save)
  const response = await visitor.send('/api/session', { method: 'DELETE' })

  for (const name of [SESSION_COOKIE, TOUCH_COOKIE]) {
    const cookie = cookieOf(response, name)
    expect(cookie).toMatchObject({
      value: '',
      maxAge: 0,
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'lax',
    })
    expect(cookie?.domain).toBeUndefined()
  }
})

test('over plain http the cookie has another name and no Secure', async ({ startAnother }) => {
  const server = await startAnother({ SESSION_COOKIE_SECURE: 'false' })
  const visitor = new HttpVisitor(server)
  const { setCookies } = await visitor.send('/api/session', save)

  expect(setCookies.map(({ name }) => name).sort()).toEqual(['sess', 'sess_touch'])
  for (const { secure } of setCookies) expect(secure).toBeUndefined()
  expect((await visitor.session()).data).toEqual({ a: 1 })
})

test('name, domain, path and SameSite are as configured', async ({ startAnother }) => {
  const server = await startAnother({
    SESSION_COOKIE_NAME: 'visit',
    SESSION_COOKIE_DOMAIN: 'shop.example',
    SESSION_COOKIE_PATH: '/api',
    SESSION_COOKIE_SAMESITE: 'strict',
  })
  const visitor = new HttpVisitor(server)
  const { setCookies } = await visitor.send('/api/session', save)
  const ended = await visitor.send('/api/session', { method: 'DELETE' })

  const wanted = { domain: 'shop.example', path: '/api', sameSite: 'strict', secure: true, httpOnly: true }
  expect(setCookies.map(({ name }) => name).sort()).toEqual(['visit', 'visit_touch'])
  for (const cookie of setCookies) expect(cookie).toMatchObject(wanted)
  // Of each name the configured cookie, and what an earlier configuration may have left: no Domain, Path=/, or both.
  for (const name of ['visit', 'visit_touch']) {
    const own = ended.setCookies.filter((cookie) => cookie.name.trim() === name)
    const places = own.map(({ domain = '', path }) => `${domain}${path}`)
    expect(places.sort()).toEqual(['/', '/api', 'shop.example/', 'shop.example/api'])
    for (const cookie of own) expect(cookie).toMatchObject({ value: '', maxAge: 0, secure: true })
  }
})

test('a response that sets a cookie is never cached, pages included', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.send('/api/session', save)

  for (const path of ['/', '/get', '/no-such-page', '/api/session']) {
    await server.advance({ seconds: 120 })
    const { setCookies, headers } = await visitor.send(path)
    expect(setCookies.map(({ name }) => name)).toEqual([TOUCH_COOKIE])
    expect(headers['cache-control']).toMatch(/private/)
    expect(headers['cache-control']).toMatch(/no-store/)
    expect(headers['cache-control']).not.toMatch(/s-maxage|public/)
  }
})

test('one response never sets a cookie twice, however much it does', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.send('/api/session', save)
  await server.advance({ seconds: 120 }) // a touch is due, and the handler saves as well

  for (const request of [save, { method: 'DELETE' }, save]) {
    const { setCookies } = await visitor.send('/api/session', request)
    const names = setCookies.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
  }
})

test('static files never carry a cookie', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.send('/api/session', save)
  const { text } = await visitor.send('/')
  const files = [...text.matchAll(/(?:src|href)="(\/(?:_next\/static|icon)[^"]+)"/g)].map(([, file]) => file)
  expect(files.length).toBeGreaterThan(3)

  for (const file of files) {
    await server.advance({ seconds: 120 })
    const { status, setCookies } = await visitor.send((file ?? '').replaceAll('&amp;', '&'))
    expect({ file, status, setCookies }).toEqual({ file, status: 200, setCookies: [] })
  }
})

test('the token is in the cookie and nowhere else', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  const seen: string[] = []
  const keep = ({ text, headers }: RawResponse) => {
    const { 'set-cookie': _, ...others } = headers
    seen.push(text, JSON.stringify(others))
  }
  keep(await visitor.send('/api/session', { method: 'PATCH', body: { set: { 'get.visits': 1 } } }))
  for (const { slug } of lessons) {
    keep(await visitor.send(`/${slug}`))
    keep(await visitor.send(`/${slug}`, { headers: { rsc: '1' } })) // what the router asks for
  }
  keep(await visitor.send('/api/session/regenerate', { method: 'POST' }))
  keep(await visitor.send('/api/session'))

  const everything = [...seen, ...server.logs()].join('\n')
  for (const value of visitor.cookies.values()) {
    // The part before the first dot is the public id.
    const secret = value.slice(value.indexOf('.') + 1)
    expect(secret.length).toBeGreaterThan(20)
    expect(everything).not.toContain(secret)
  }
})

test('a token is taken from the cookie only', async ({ server }) => {
  const owner = new HttpVisitor(server)
  await owner.send('/api/session', save)
  const token = owner.cookies.get(SESSION_COOKIE) ?? ''

  const stranger = new HttpVisitor(server)
  const inAddress = await stranger.send(`/api/session?${SESSION_COOKIE}=${encodeURIComponent(token)}`)
  const inHeaders = await stranger.send('/api/session', {
    headers: { authorization: `Bearer ${token}`, 'x-session': token, [SESSION_COOKIE]: token },
  })
  for (const { text } of [inAddress, inHeaders])
    expect(JSON.parse(text)).toMatchObject({ id: null, data: {} })
})

test.describe('where every visitor gets a session', () => {
  test('the first visit sets the cookie, the second sets none', async ({ startAnother }) => {
    const server = await startAnother({ SESSION_SAVE_UNINITIALIZED: 'true' })
    const visitor = new HttpVisitor(server)

    const first = await visitor.send('/get')
    expect(first.setCookies.map(({ name }) => name).sort()).toEqual([SESSION_COOKIE, TOUCH_COOKIE])
    expect(first.headers['cache-control']).toContain('no-store')
    const second = await visitor.send('/get')
    expect(second.setCookies).toEqual([])
    expect(await visitor.session()).toMatchObject({ isNew: false, data: {} })
  })

  test('the first visit’s own page already sees the session', async ({ startAnother }) => {
    const server = await startAnother({ SESSION_SAVE_UNINITIALIZED: 'true' })
    const visitor = new HttpVisitor(server)
    const first = await visitor.session()

    expect(first.id).not.toBeNull()
    expect((await visitor.session()).id).toBe(first.id)
  })

  test('a first visit that also saves sets one session, the one that was saved', async ({ startAnother }) => {
    const server = await startAnother({ SESSION_SAVE_UNINITIALIZED: 'true' })
    const visitor = new HttpVisitor(server)
    await visitor.send('/api/session', save)

    expect((await visitor.session()).data).toEqual({ a: 1 })
  })
})
