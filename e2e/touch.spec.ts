import { SESSION_COOKIE, TOUCH_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { FULL_600_SECONDS, fact, lesson } from './page-parts'

test.use({ serverEnv: { SESSION_IDLE_SECONDS: '600' } }) // so a touch is due every 10 seconds

const save = { set: { a: 1 } }
const touched = [TOUCH_COOKIE]
const untouched: string[] = []

async function setCookieNames(visitor: HttpVisitor, path: string, headers: Record<string, string> = {}) {
  const { setCookies } = await visitor.send(path, { headers })
  return setCookies.map(({ name }) => name)
}

test('a visit extends the session at most once in each window', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch(save)

  expect(await setCookieNames(visitor, '/get')).toEqual(untouched)
  await server.advance({ seconds: 10 })
  expect(await setCookieNames(visitor, '/get')).toEqual(touched)
  expect(await setCookieNames(visitor, '/get')).toEqual(untouched)
  await server.advance({ seconds: 5 })
  expect(await setCookieNames(visitor, '/get')).toEqual(untouched)
  await server.advance({ seconds: 5 })
  expect(await setCookieNames(visitor, '/get')).toEqual(touched)
})

test('a page that does not use the session extends it too', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  const { id } = await visitor.patch(save)
  for (let visit = 0; visit < 3; visit++) {
    await server.advance({ seconds: 400 })
    expect(await setCookieNames(visitor, '/no-such-page')).toEqual(touched)
  }

  expect(await visitor.session()).toMatchObject({ id, data: { a: 1 } })
})

test('a touch never carries data: the session cookie stays byte for byte', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch(save)
  const token = visitor.cookies.get(SESSION_COOKIE)
  const touch = visitor.cookies.get(TOUCH_COOKIE)

  await server.advance({ seconds: 100 })
  await visitor.send('/get')
  expect(visitor.cookies.get(SESSION_COOKIE)).toBe(token)
  expect(visitor.cookies.get(TOUCH_COOKIE)).not.toBe(touch)
  expect(visitor.cookies.get(TOUCH_COOKIE)?.length).toBeLessThan(120)
})

test('the page of the same request shows the life that its visit has extended', async ({ page, server }) => {
  await page.goto('/avoid-touch')
  await page.getByRole('button', { name: 'Save something first' }).click()
  await expect(fact(lesson(page), 'Seconds left')).toHaveText(FULL_600_SECONDS)

  await server.advance({ seconds: 100 })
  await page.reload()
  await expect(fact(lesson(page), 'Seconds left')).toHaveText(FULL_600_SECONDS)
})

test('HEAD extends a session as GET does', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch(save)
  await server.advance({ seconds: 100 })
  const { setCookies } = await visitor.send('/get', { method: 'HEAD' })

  expect(setCookies.map(({ name }) => name)).toEqual(touched)
})

for (const headers of [
  { 'next-router-prefetch': '1', rsc: '1' },
  { 'next-router-segment-prefetch': '/_tree', 'next-router-prefetch': '1', rsc: '1' },
  { purpose: 'prefetch' },
  { 'sec-purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
]) {
  test(`a prefetch with ${JSON.stringify(headers)} is no visit`, async ({ server }) => {
    const visitor = new HttpVisitor(server)
    await visitor.patch(save)
    await server.advance({ seconds: 100 })

    for (const path of ['/', '/get', '/no-such-page']) {
      expect(await setCookieNames(visitor, path, headers)).toEqual(untouched)
    }
    expect(await setCookieNames(visitor, '/get')).toEqual(touched)
  })
}

test('a navigation of the router is a visit', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch(save)
  await server.advance({ seconds: 100 })

  expect(await setCookieNames(visitor, '/get', { rsc: '1' })).toEqual(touched)
})

test('a visitor without a session is never touched', async ({ server }) => {
  const visitor = new HttpVisitor(server)

  expect(await setCookieNames(visitor, '/get')).toEqual(untouched)
  visitor.cookies.set(SESSION_COOKIE, 'junk')
  expect(await setCookieNames(visitor, '/get')).toEqual(untouched)
})

test('a request that extends a session asks for nothing: data saved meanwhile stays', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch({ set: { count: 1 } })
  await server.advance({ seconds: 100 })
  const slowTab = visitor.copy() // sent before the save below, answered after it
  await visitor.patch({ set: { count: 2 } })
  const late = await slowTab.send('/get')
  for (const { name, value } of late.setCookies) visitor.cookies.set(name, value ?? '')

  expect((await visitor.session()).data).toEqual({ count: 2 })
})

test('a late touch after signing out, or after another tab regenerated, changes nothing', async ({
  server,
}) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch(save)
  await server.advance({ seconds: 100 })
  const late = await visitor.copy().send('/get')
  const { value: lateTouch = '' } = late.setCookies[0] ?? {}
  const renewed = await visitor.post('regenerate')

  visitor.cookies.set(TOUCH_COOKIE, lateTouch)
  expect(await visitor.session()).toMatchObject({ id: renewed.id, data: { a: 1 } })
  await visitor.send('/api/session', { method: 'DELETE' })
  visitor.cookies.set(TOUCH_COOKIE, lateTouch)
  expect(await setCookieNames(visitor, '/get')).toEqual(untouched)
  expect(await visitor.session()).toMatchObject({ id: null, data: {} })
})

test('saving without changes counts as a visit and leaves the data as it was', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  const before = await visitor.patch(save)
  const token = visitor.cookies.get(SESSION_COOKIE)
  await server.advance({ seconds: 100 })
  const after = await visitor.patch({ set: { a: 1 } })

  expect(after).toMatchObject({ id: before.id, data: before.data, outcome: 'saved' })
  expect(Date.parse(after.expiresAt ?? '')).toBeGreaterThanOrEqual(
    Date.parse(before.expiresAt ?? '') + 100_000,
  )
  expect(visitor.cookies.get(SESSION_COOKIE)).toBe(token)
})

test.describe('where every request touches', () => {
  test('each visit sends a new touch cookie', async ({ startAnother }) => {
    const server = await startAnother({ SESSION_TOUCH_SECONDS: '0' })
    const visitor = new HttpVisitor(server)
    await visitor.patch(save)

    for (let visit = 0; visit < 3; visit++) {
      await server.advance(1)
      expect(await setCookieNames(visitor, '/get')).toEqual(touched)
    }
  })
})

test.describe('where touching is avoided for all', () => {
  test('reading sends no cookie and life counts from the last save, touch cookie or not', async ({
    startAnother,
  }) => {
    const server = await startAnother({ SESSION_AVOID_TOUCH: 'true', SESSION_IDLE_SECONDS: '60' })
    const visitor = new HttpVisitor(server)
    await visitor.patch(save)
    const forgetful = visitor.copy()
    forgetful.cookies.delete(TOUCH_COOKIE)

    for (const one of [visitor, forgetful]) {
      for (const path of ['/', '/get', '/api/session', '/no-such-page']) {
        expect(await setCookieNames(one, path)).toEqual(untouched)
      }
    }
    await server.advance({ seconds: 50 })
    for (const one of [visitor, forgetful]) {
      expect(await setCookieNames(one, '/get')).toEqual(untouched)
      expect((await one.session()).data).toEqual({ a: 1 })
    }
    await server.advance({ seconds: 11 })
    for (const one of [visitor, forgetful]) expect((await one.session()).data).toEqual({})
  })

  test('saving still extends the session', async ({ startAnother }) => {
    const server = await startAnother({ SESSION_AVOID_TOUCH: 'true', SESSION_IDLE_SECONDS: '60' })
    const visitor = new HttpVisitor(server)
    await visitor.patch({ set: { count: 0 } })
    for (let saves = 1; saves <= 3; saves++) {
      await server.advance({ seconds: 50 })
      expect((await visitor.patch({ increment: { count: 1 } })).data).toEqual({ count: saves })
    }
  })
})

test.describe('a session that avoids touch', () => {
  test('is not extended by visits, also when its touch cookie is lost', async ({ server }) => {
    const visitor = new HttpVisitor(server)
    await visitor.patch(save)
    await visitor.post('avoid-touch', { value: true })
    const forgetful = visitor.copy()
    forgetful.cookies.delete(TOUCH_COOKIE)

    await server.advance({ seconds: 400 })
    expect(await setCookieNames(visitor, '/get')).toEqual(untouched)
    expect(await setCookieNames(forgetful, '/get')).toEqual(untouched)
    await server.advance({ seconds: 201 })
    expect(await visitor.session()).toMatchObject({ id: null, data: {} })
    expect(await forgetful.session()).toMatchObject({ id: null, data: {} })
  })

  test('is not extended by a touch cookie from before, such as a late answer leaves', async ({ server }) => {
    const visitor = new HttpVisitor(server)
    await visitor.patch(save)
    const oldTouch = visitor.cookies.get(TOUCH_COOKIE) ?? ''
    await visitor.post('avoid-touch', { value: true })
    visitor.cookies.set(TOUCH_COOKIE, oldTouch)

    await server.advance({ seconds: 400 })
    await visitor.send('/get')
    await server.advance({ seconds: 201 })
    expect(await visitor.session()).toMatchObject({ id: null, data: {} })
  })

  test('is extended again once that is switched back', async ({ server }) => {
    const visitor = new HttpVisitor(server)
    const { id } = await visitor.patch(save)
    await visitor.post('avoid-touch', { value: true })
    await visitor.post('avoid-touch', { value: false })
    for (let visit = 0; visit < 3; visit++) {
      await server.advance({ seconds: 400 })
      expect(await setCookieNames(visitor, '/get')).toEqual(touched)
    }

    expect((await visitor.session()).id).toBe(id)
  })

  test('can still be extended by asking for it', async ({ server }) => {
    const visitor = new HttpVisitor(server)
    const { id } = await visitor.patch(save)
    await visitor.post('avoid-touch', { value: true })
    await server.advance({ seconds: 400 })
    await visitor.post('touch')
    await server.advance({ seconds: 400 })

    expect((await visitor.session()).id).toBe(id)
  })
})
