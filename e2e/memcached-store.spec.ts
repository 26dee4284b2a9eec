import { openGate } from '../tests/gate'
import { memcachedServers } from '../tests/servers'
import { SESSION_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { describeServerStore } from './server-store'
import { STORE_ERRORS } from './store-errors'
import { DEADLINE, describeLateServer, describeTrouble } from './store-in-trouble'

describeServerStore()
describeTrouble(['is down', 'never answers'])
describeLateServer()

test('a session above the item limit is refused with its size, and the old data stays', async ({
  server,
}) => {
  const visitor = new HttpVisitor(server)
  const { id } = await visitor.patch({ set: { small: 1 } })
  const token = visitor.cookies.get(SESSION_COOKIE)
  for (const sender of [visitor, visitor.copy()]) {
    const { status, text, setCookies } = await sender.send('/api/session', {
      method: 'PATCH',
      body: { set: { small: 2, large: 'x'.repeat(1_200_000) } },
    })

    expect(status).toBe(413)
    const { error, bytes, limitBytes, heaviestKeys } = JSON.parse(text)
    expect(bytes).toBeGreaterThan(1_200_000)
    expect(limitBytes).toBeGreaterThan(1_000_000)
    expect(limitBytes).toBeLessThanOrEqual(1024 * 1024) // SESSION_MAX_BYTES, or the item limit where that is smaller
    expect(error).toContain(`needs ${bytes} bytes and the limit is ${limitBytes}`)
    expect(heaviestKeys[0].key).toBe('large')
    expect(setCookies).toEqual([])
  }
  expect(await visitor.session()).toMatchObject({ id, data: { small: 1 } })
  expect(visitor.cookies.get(SESSION_COOKIE)).toBe(token)
  expect((await visitor.patch({ set: { small: 3 } })).data).toEqual({ small: 3 })
})

test('the order of the servers in the list does not matter', async ({ server, startAnother }) => {
  const reversed = await startAnother({
    SESSION_SECRET: server.secret,
    MEMCACHED_SERVERS: memcachedServers().reverse().join(),
  })
  const visitors = Array.from({ length: 10 }, () => new HttpVisitor(server))
  for (const visitor of visitors) {
    const { id } = await visitor.patch({ set: { a: 1 } })
    expect(await visitor.copy(reversed).session()).toMatchObject({ id, data: { a: 1 } })
  }
})

test('while one server of two is down, its share of the visitors waits and the others go on', async ({
  startAnother,
}) => {
  const [one = '', other = ''] = memcachedServers()
  const { hostname, port } = new URL(`tcp://${one}`)
  const gate = await openGate({ host: hostname, port: Number(port) })
  const server = await startAnother(
    { MEMCACHED_SERVERS: `${gate.host}:${gate.port},${other}`, ...DEADLINE },
    STORE_ERRORS,
  )
  const visitors = Array.from({ length: 24 }, () => new HttpVisitor(server))
  for (const visitor of visitors) await visitor.patch({ set: { a: 1 } })
  const statuses = () =>
    Promise.all(visitors.map(async (visitor) => (await visitor.send('/api/session')).status))

  await gate.stop()
  const whileDown = await statuses()
  expect(new Set(whileDown)).toEqual(new Set([200, 503]))
  expect(await statuses()).toEqual(whileDown)
  await gate.start()
  expect(new Set(await statuses())).toEqual(new Set([200]))
  for (const visitor of visitors) expect((await visitor.session()).data).toEqual({ a: 1 })
  await gate.close()
})
