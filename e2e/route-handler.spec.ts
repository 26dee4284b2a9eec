import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './fixtures'
import { HttpVisitor, type SessionView } from './http-visitor'
import { fact, lesson } from './page-parts'

test('a visitor adds one, reads and ends the session with buttons', async ({ page }) => {
  await page.goto('/route-handler')
  const answer = page.getByRole('status', { name: 'Response' })

  await page.getByRole('button', { name: 'Add one with PATCH' }).click()
  await expect(answer).toContainText('PATCH 200')
  await expect(fact(lesson(page), 'Count')).toHaveText('1')

  await page.getByRole('button', { name: 'Add one with PATCH' }).click()
  await expect(fact(lesson(page), 'Count')).toHaveText('2')

  await page.getByRole('button', { name: 'GET', exact: true }).click()
  await expect(answer).toContainText('"route-handler.count":2')

  await page.getByRole('button', { name: 'DELETE', exact: true }).click()
  await expect(answer).toContainText('DELETE 204')
  await expect(fact(lesson(page), 'Count')).toHaveText('0')
})

test('a client walks through a whole session over HTTP', async ({ server }) => {
  const visitor = new HttpVisitor(server)

  const nothing = await visitor.session()
  expect(nothing).toMatchObject({ id: null, isNew: true, data: {}, createdAt: null, expiresAt: null })
  expect(visitor.cookies.size).toBe(0)

  const first = await visitor.patch({ set: { name: 'Ada', list: [1, 2] }, increment: { count: 2 } })
  expect(first).toMatchObject({
    isNew: true,
    data: { name: 'Ada', list: [1, 2], count: 2 },
    outcome: 'saved',
  })

  const read = await visitor.session()
  expect(read).toMatchObject({ id: first.id, isNew: false, data: first.data, createdAt: first.createdAt })

  const changed = await visitor.patch({ delete: ['name'], increment: { count: -5 } })
  expect(changed.data).toEqual({ list: [1, 2], count: -3 })

  const renewed = await visitor.post('regenerate')
  expect(renewed).toMatchObject({ data: changed.data, createdAt: first.createdAt, outcome: 'saved' })
  expect(renewed.id).not.toBe(first.id)

  expect(await visitor.post('touch')).toMatchObject({ id: renewed.id, outcome: 'touched' })
  expect(await visitor.post('avoid-touch', { value: true })).toMatchObject({ avoidTouch: true })
  expect(await visitor.session()).toMatchObject({ avoidTouch: true, data: changed.data })

  expect(await visitor.send('/api/session', { method: 'DELETE' })).toMatchObject({ status: 204, text: '' })
  expect(visitor.cookies.size).toBe(0)
  expect(await visitor.session()).toEqual(nothing)
})

test('what is set without save is gone on the next request', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch({ set: { list: ['a'] } })

  const unsaved = await visitor.patch({ set: { list: ['a', 'b'], other: 1 }, save: false })
  expect(unsaved).toMatchObject({ data: { list: ['a', 'b'], other: 1 }, outcome: 'not-saved' })
  expect((await visitor.session()).data).toEqual({ list: ['a'] })
})

test('a request that saves nothing sets no cookie', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  const { setCookies } = await visitor.send('/api/session', {
    method: 'PATCH',
    body: { set: { a: 1 }, save: false },
  })

  expect(setCookies).toEqual([])
})

// A JSON text, because an object literal would not keep `__proto__` as a key.
const strangeKeys = `{"": 1, "a.b": 2, "7": 3, "__proto__": 4, "constructor": 5, "toString": 6, "ключ": 7, "🔑": 8, "with space": 9}`

test('any text is a key and comes back as it was', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.send('/api/session', { method: 'PATCH', body: `{"set": ${strangeKeys}}` })
  const { text } = await visitor.send('/api/session')

  const data = Object.entries((JSON.parse(text) as SessionView).data).sort()
  expect(data).toEqual(Object.entries(JSON.parse(strangeKeys)).sort())
})

test('null, nothing, zero and empty texts stay apart', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  const data = {
    none: null,
    zero: 0,
    no: false,
    text: '',
    list: [],
    object: {},
    nested: { list: [null, ''] },
  }
  await visitor.patch({ set: data })

  expect((await visitor.session()).data).toEqual(data)
})

test('answers are for one visitor only', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  for (const request of [{}, { method: 'PATCH', body: { set: { a: 1 } } }, { method: 'DELETE' }]) {
    const { headers } = await visitor.send('/api/session', request)

    expect(headers['cache-control']).toBe('private, no-store')
    expect(headers.vary?.toLowerCase()).toContain('cookie')
  }
})

test('HEAD answers as GET does, without a body', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch({ set: { a: 1 } })
  const get = await visitor.send('/api/session')
  const head = await visitor.send('/api/session', { method: 'HEAD' })

  expect(head).toMatchObject({ status: get.status, text: '' })
  expect(head.headers['cache-control']).toBe(get.headers['cache-control'])
})

for (const [what, body] of [
  ['no JSON', '{"set": '],
  ['no object', '[1]'],
  ['an unknown field', '{"sett": {}}'],
  ['a list to set', '{"set": [1]}'],
  ['a key to delete that is no text', '{"delete": [1]}'],
  ['a fraction to increment by', '{"increment": {"a": 0.5}}'],
  ['a text where save is yes or no', '{"save": "false"}'],
] as const) {
  test(`a body with ${what} is refused with 400 and a reason, and nothing is stored`, async ({ server }) => {
    const visitor = new HttpVisitor(server)
    const { status, text, setCookies } = await visitor.send('/api/session', { method: 'PATCH', body })

    expect(status).toBe(400)
    expect(JSON.parse(text)).toEqual({ error: expect.stringMatching(/\w{4}/) })
    expect(setCookies).toEqual([])
  })
}

for (const headers of [
  { origin: 'https://elsewhere.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
]) {
  test(`a write that comes with ${JSON.stringify(headers)} is refused with 403`, async ({ server }) => {
    const visitor = new HttpVisitor(server)
    await visitor.patch({ set: { a: 1 } })

    for (const request of [{ method: 'PATCH', body: { set: { a: 2 } } }, { method: 'DELETE' }]) {
      const { status, setCookies } = await visitor.send('/api/session', { ...request, headers })
      expect(status).toBe(403)
      expect(setCookies).toEqual([])
    }
    const regenerate = await visitor.send('/api/session/regenerate', { method: 'POST', headers })
    expect(regenerate.status).toBe(403)
    expect((await visitor.session()).data).toEqual({ a: 1 })
  })
}

test('a page of another site cannot change the session', async ({ page, server, context }) => {
  await page.goto('/route-handler')
  await page.getByRole('button', { name: 'Add one with PATCH' }).click()
  await expect(fact(lesson(page), 'Count')).toHaveText('1')

  // A site that is not ours, and so has no policy that keeps its scripts from asking ours.
  const site = createServer((_, response) => response.end('another site')).listen(0, 'localhost')
  await once(site, 'listening')
  const elsewhere = await context.newPage()
  await elsewhere.goto(`http://elsewhere.localhost:${(site.address() as AddressInfo).port}/`)
  const answered = elsewhere.waitForResponse(`${server.url}/api/session/regenerate`)
  await elsewhere.evaluate(async (url) => {
    await fetch(url, { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{}' }).catch(() => {})
  }, `${server.url}/api/session/regenerate`)
  expect((await answered).status()).toBe(403)
  site.close()

  await page.reload()
  await expect(fact(lesson(page), 'Count')).toHaveText('1')
})

test('ending everyone’s sessions is refused without the admin token', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch({ set: { a: 1 } })

  for (const authorization of ['', 'Bearer ', 'Bearer guess', 'Basic guess']) {
    const { status } = await visitor.send('/api/session?scope=all', {
      method: 'DELETE',
      headers: { authorization },
    })
    expect(status).toBe(403)
  }
  expect((await visitor.session()).data).toEqual({ a: 1 })
})

test('in production the API is not there unless it is asked for', async ({ startAnother }) => {
  const server = await startAnother({ SESSION_DEMO_API: 'false' })
  const visitor = new HttpVisitor(server)

  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['DELETE', '?scope=all'],
    ['POST', '/regenerate'],
    ['POST', '/touch'],
    ['POST', '/avoid-touch'],
  ] as const) {
    const { status, setCookies } = await visitor.send(`/api/session${path}`, { method })
    expect(status).toBe(404)
    expect(setCookies).toEqual([])
  }
})

test('a script with the browser’s cookies works on the session that the page shows', async ({ page }) => {
  await page.goto('/route-handler')
  await page.getByRole('button', { name: 'Add one with PATCH' }).click()
  await expect(fact(lesson(page), 'Count')).toHaveText('1')

  await page.request.patch('/api/session', { data: { increment: { 'route-handler.count': 40 } } })
  await page.reload()
  await expect(fact(lesson(page), 'Count')).toHaveText('41')
})

test('a value that is nested too deeply is refused, and the session goes on', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  const nested = (depth: number) => `{"set":{"deep":${'['.repeat(depth)}${']'.repeat(depth)}}}`
  expect((await visitor.send('/api/session', { method: 'PATCH', body: nested(100) })).status).toBe(200)
  for (const depth of [101, 2500, 100_000]) {
    const { status, text } = await visitor.send('/api/session', { method: 'PATCH', body: nested(depth) })
    expect(status).toBe(400)
    expect(JSON.parse(text)).toEqual({ error: expect.stringContaining('"deep"') })
  }
  expect((await visitor.send('/get')).status).toBe(200)
})

test('a body of several megabytes is refused with its size', async ({ server }) => {
  const body = JSON.stringify({ set: { big: 'x'.repeat(3_000_000) } })
  const { status, text } = await new HttpVisitor(server).send('/api/session', { method: 'PATCH', body })
  expect(status).toBe(413)
  expect(JSON.parse(text)).toMatchObject({ bytes: body.length, limitBytes: 2 * 1024 * 1024 })
})
