import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ENDED_MS } from '@/lib/session/core/limits'
import type { SessionRecord, SessionStore } from '@/lib/session/core/store'
import { decodeValue, encodeValue } from '@/lib/session/core/values'
import { SessionStoreError, SessionTooLargeError } from '@/lib/session/stores/errors'
import { guardStore } from '@/lib/session/stores/guard'
import { createMemcachedClients, createMemcachedStore, serverOf } from '@/lib/session/stores/memcached'
import { createToken, storageKey } from '@/lib/session/stores/tokens'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { freePort } from '../free-port'
import { type Gate, openGate } from '../gate'
import { memcachedServers, newPrefix } from '../servers'

/** The deadline where a server hangs. */
const HANG_MS = 1500
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A memcached of this file's own: it can be emptied and killed. */
let own: OwnServer

beforeAll(async () => {
  own = await startServer()
})

afterAll(() => own.kill())

interface OwnServer {
  readonly address: string
  readonly port: number
  kill(): Promise<void>
}

async function startServer(options: { port?: number; args?: string[] } = {}): Promise<OwnServer> {
  const port = options.port ?? (await freePort())
  const args = ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-u', 'root', ...(options.args ?? [])]
  const child: ChildProcess = spawn('memcached', args, { stdio: 'ignore' })
  const address = `127.0.0.1:${port}`
  await vi.waitUntil(() => ask(address, 'version').catch(() => undefined), { timeout: 10_000, interval: 10 })
  async function kill() {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  return { address, port, kill }
}

/** What a server answers to one command, up to its last line; said past the client under test. */
async function ask(address: string, command: string, last = 'MN'): Promise<string[]> {
  const [host, port] = address.split(':')
  const socket = connect(Number(port), host)
  let text = ''
  socket.write(`${command}\r\n`)
  if (last === 'MN') socket.write('mn\r\n') // a meta no-op marks the end of whatever comes before
  for await (const chunk of socket) {
    text += chunk
    if (text.endsWith(`${last}\r\n`)) break
  }
  return text.split(/\r?\n/).slice(0, -2)
}

function openStore({
  servers = memcachedServers(),
  prefix = newPrefix(),
  timeoutMs = 2000,
  clock = createFakeClock(),
} = {}) {
  const clients = createMemcachedClients({ servers, timeoutMs })
  onTestFinished(() => {
    for (const client of clients.values()) client.shutdown()
  })
  const store = createMemcachedStore({
    clients,
    prefix,
    records: createTestRecords(clock.now, { maxBytes: 8_388_608 }),
    now: clock.now,
  })
  const placeOf = (token: string) => {
    const [address, client] = serverOf(clients, storageKey(token))
    return {
      address,
      client,
      recordKey: prefix + storageKey(token),
      lifeKey: `${prefix}${storageKey(token)}:x`,
    }
  }
  return { store: guardStore(store, 600_000), clients, prefix, clock, placeOf }
}

type Opened = ReturnType<typeof openStore>

function recordOf(data: Record<string, unknown>): SessionRecord {
  const texts = Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)] as const)
  return { createdAt: 1, savedAt: 1, avoidTouch: false, data: new Map(texts) }
}

async function create(
  { store, clock }: Pick<Opened, 'store' | 'clock'>,
  data: Record<string, unknown> = {},
  lifeMs = HOUR_MS,
): Promise<string> {
  return (await store.create(recordOf(data), clock.now() + lifeMs)).token
}

async function loaded(store: SessionStore, token: string) {
  const result = await store.load(token)
  if ('refused' in result) throw new Error(`refused: ${result.refused}`)
  const data: Record<string, unknown> = Object.fromEntries(
    [...result.record.data].map(([key, text]) => [key, decodeValue(text)]),
  )
  return { ...result, data }
}

async function save(
  { store, clock }: Opened,
  token: string,
  data: Record<string, unknown>,
  lifeMs = HOUR_MS,
) {
  const { version } = await loaded(store, token)
  return store.update(token, recordOf(data), clock.now() + lifeMs, version)
}

/** Seconds that the server still keeps a key; undefined when it has none. */
async function lifetimeOf(address: string, key: string): Promise<number | undefined> {
  const [answer = ''] = await ask(address, `mg ${key} t`)
  const seconds = answer.match(/^HD t(-?\d+)$/)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}

async function keysOf(address: string): Promise<string[]> {
  const lines = await ask(address, 'lru_crawler metadump all', 'END')
  return lines.flatMap((line) => decodeURIComponent(line.match(/^key=(\S+)/)?.[1] ?? '') || [])
}

describe('a record', () => {
  test('of several hundred kilobytes comes back whole, in any script', async () => {
    const opened = openStore()
    const big = 'ж値🎈é\r\nEND\r\n'.repeat(30_000)
    const token = await create(opened, { big })
    expect((await loaded(opened.store, token)).data).toEqual({ big })
    expect(await save(opened, token, { big: `${big}!` })).toMatchObject({ token })
    expect((await loaded(opened.store, token)).data).toEqual({ big: `${big}!` })
  })

  test('is found by no one who read the server: it knows neither the token nor what opens a session', async () => {
    const opened = openStore({ servers: [own.address] })
    const token = await create(opened, { user: 'ada' })
    await opened.store.touch(token, opened.clock.now() + HOUR_MS)
    const { recordKey, lifeKey } = opened.placeOf(token)
    const keys = [recordKey, lifeKey, `${opened.prefix}epoch`].sort()
    // A dump leaves out what the server is busy with.
    await expect
      .poll(async () => (await keysOf(own.address)).filter((key) => key.startsWith(opened.prefix)).sort())
      .toEqual(keys)
    const values = await Promise.all(keys.map((key) => ask(own.address, `get ${key}`)))
    expect(JSON.stringify(values)).toContain('ada')
    expect(JSON.stringify([keys, values])).not.toContain(token)
    for (const text of [storageKey(token), storageKey(token).slice(0, 43), recordKey]) {
      expect(await opened.store.load(text)).toHaveProperty('refused')
      expect(await opened.store.touch(text, opened.clock.now() + 2 * HOUR_MS)).toBe(false)
      expect(await opened.store.destroy(text)).toBe('ok')
    }
    expect((await loaded(opened.store, token)).data).toEqual({ user: 'ada' })
  })

  test.each<[string, string]>([
    ['nothing', '0 0 0\r\n'],
    ['half a record', '0 0 9\r\n{"n":"AAA'],
    ['no object', '0 0 4\r\nnull'],
    ['JSON of something else', '0 0 14\r\n{"user":"eve"}'],
    ['a record without a version', '0 0 35\r\n{"v":1,"c":1,"s":1,"a":0,"d":[]   }'],
    ['a record of another format', '0 0 49\r\n{"n":"A","e":"A","x":1,"v":9,"c":1,"s":1,"d":[]} '],
    ['a number of another client', '4 0 2\r\n42'],
    ['broken JSON of another client', '2 0 2\r\n{x'],
    ['what another client compressed', '1 0 4\r\n\x01\x02\x03\x04'],
  ])('that holds %s is refused, and can be neither saved nor touched', async (_what, item) => {
    const opened = openStore()
    const token = await create(opened, { user: 'ada' })
    const { version } = await loaded(opened.store, token)
    const { address, recordKey } = opened.placeOf(token)
    expect(await ask(address, `set ${recordKey} ${item}`)).toEqual(['STORED'])
    const later = opened.clock.now() + HOUR_MS
    expect(await opened.store.load(token)).toEqual({ refused: 'malformed' })
    expect(await opened.store.update(token, recordOf({}), later, version)).toBe('gone')
    expect(await opened.store.touch(token, later)).toBe(false)
    expect(await opened.store.destroy(token, version)).toBe('conflict')
    expect(await opened.store.destroy(token)).toBe('ok')
    expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
  })

  test('that moves in from another store keeps its token, once, and takes the place of a dead one', async () => {
    const opened = openStore()
    const [token, expiresAt] = [createToken(), opened.clock.now() + HOUR_MS]
    const move = (user: string) => opened.store.adopt(token, recordOf({ user }), expiresAt)
    expect(await move('ada')).toMatchObject({ token })
    expect(await move('eve')).toBe('conflict')
    expect((await loaded(opened.store, token)).data).toEqual({ user: 'ada' })
    await opened.store.destroyAll()
    expect(await move('grace')).toMatchObject({ token })
    expect((await loaded(opened.store, token)).data).toEqual({ user: 'grace' })
  })
})

describe('the time to live on the server', () => {
  test.each([
    ['one second', 1000],
    ['an hour', HOUR_MS],
    ['30 days', 30 * DAY_MS],
    ['90 days', 90 * DAY_MS],
    ['400 days', 400 * DAY_MS],
  ])('of a session of %s is not shorter, and at most three seconds longer', async (_title, lifeMs) => {
    const opened = openStore()
    const expectLife = async (key: string, ms: number) => {
      const seconds = await lifetimeOf(opened.placeOf(token).address, key)
      expect(seconds).toBeGreaterThanOrEqual(ms / 1000)
      expect(seconds).toBeLessThanOrEqual(ms / 1000 + 3)
    }
    const token = await create(opened, {}, lifeMs)
    const { recordKey, lifeKey } = opened.placeOf(token)
    await expectLife(recordKey, lifeMs)
    await opened.store.touch(token, opened.clock.now() + 2 * lifeMs)
    await expectLife(recordKey, 2 * lifeMs)
    await expectLife(lifeKey, 2 * lifeMs)
    expect(await save(opened, token, {}, lifeMs)).toMatchObject({ token })
    await expectLife(recordKey, lifeMs)
    expect((await loaded(opened.store, token)).expiresAt).toBe(opened.clock.now() + lifeMs)
  })

  // An item that is given one second lives until the next tick of the server's clock: a few milliseconds, at worst.
  test('of a session of one second is given as two, so that it is never cut short', async () => {
    const opened = openStore({ servers: [own.address] })
    const add = vi.spyOn(opened.placeOf('').client, 'add')
    await create(opened, {}, 1000)
    expect(add).toHaveBeenLastCalledWith(expect.anything(), expect.anything(), { lifetime: 2 })
  })

  test('of the epoch has no end', async () => {
    const opened = openStore()
    const { address } = opened.placeOf(await create(opened))
    expect(await lifetimeOf(address, `${opened.prefix}epoch`)).toBe(-1)
  })
})

describe('at the same time', () => {
  test('eight workers on two clients that each add 25 count to 200', async () => {
    const one = openStore()
    const two = openStore({ prefix: one.prefix, clock: one.clock })
    const token = await create(one, { n: 0 })
    const add = async (opened: Opened): Promise<unknown> => {
      const { data, version } = await loaded(opened.store, token)
      const record = recordOf({ n: Number(data.n) + 1 })
      const result = await opened.store.update(token, record, opened.clock.now() + HOUR_MS, version)
      return result === 'conflict' ? add(opened) : expect(result).toMatchObject({ token })
    }
    const worker = async (opened: Opened) => {
      for (let i = 0; i < 25; i++) await add(opened)
    }
    await Promise.all([one, two, one, two, one, two, one, two].map(worker))
    expect((await loaded(one.store, token)).data).toEqual({ n: 200 })
  })

  test('the first sessions of a server agree on its epoch', async () => {
    const one = openStore()
    const two = openStore({ prefix: one.prefix, clock: one.clock })
    const tokens = await Promise.all([one, two, one, two, one, two].map((opened) => create(opened)))
    for (const token of tokens) await loaded(one.store, token)
  })

  test('a save that meets a touch stays as it was saved', async () => {
    const opened = openStore()
    const token = await create(opened, { visits: 1 })
    const { client } = opened.placeOf(token)
    const touch = client.touch.bind(client)
    vi.spyOn(client, 'touch').mockImplementationOnce(async (key, seconds) => {
      await save(opened, token, { visits: 2 }, 3 * HOUR_MS)
      return touch(key, seconds)
    })
    expect(await opened.store.touch(token, opened.clock.now() + 2 * HOUR_MS)).toBe(true)
    const { data, expiresAt } = await loaded(opened.store, token)
    expect({ data, expiresAt }).toEqual({ data: { visits: 2 }, expiresAt: opened.clock.now() + 3 * HOUR_MS })
  })

  test.each(['touch', 'set'] as const)('a destroy that meets a touch at its "%s" is final', async (step) => {
    const opened = openStore()
    const token = await create(opened)
    const { client } = opened.placeOf(token)
    const call = client[step].bind(client) as (...args: unknown[]) => Promise<string[]>
    vi.spyOn(client, step).mockImplementationOnce(async (...args: unknown[]) => {
      await opened.store.destroy(token)
      return call(...args)
    })
    await opened.store.touch(token, opened.clock.now() + 2 * HOUR_MS)
    expect(await opened.store.load(token)).toEqual({ refused: 'ended' })
    opened.clock.advance({ ms: ENDED_MS })
    expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
  })

  test('a destroy with a version that meets a save leaves what was saved', async () => {
    const opened = openStore()
    const token = await create(opened, { by: 'nobody' })
    const { version } = await loaded(opened.store, token)
    const { client } = opened.placeOf(token)
    const cas = client.cas.bind(client)
    vi.spyOn(client, 'cas').mockImplementationOnce(async (key, value, options) => {
      await save(opened, token, { by: 'first' })
      return cas(key, value, options)
    })
    expect(await opened.store.destroy(token, version)).toBe('conflict')
    expect((await loaded(opened.store, token)).data).toEqual({ by: 'first' })
  })
})

test('a destroyed session leaves a mark for a minute, or no key at all, and a late touch neither', async () => {
  const opened = openStore({ servers: [own.address] })
  for (const [withVersion, mark] of [
    [false, undefined],
    [true, undefined],
    [false, 'unmarked'],
    [true, 'unmarked'],
  ] as const) {
    const token = await create(opened)
    await opened.store.touch(token, opened.clock.now() + 2 * HOUR_MS)
    const { version } = await loaded(opened.store, token)
    expect(await opened.store.destroy(token, withVersion ? version : undefined, mark)).toBe('ok')
    expect(await opened.store.touch(token, opened.clock.now() + 2 * HOUR_MS)).toBe(false)
    const { recordKey, lifeKey } = opened.placeOf(token)
    expect(await lifetimeOf(own.address, recordKey)).toBe(mark === 'unmarked' ? undefined : 61)
    expect(await lifetimeOf(own.address, lifeKey)).toBeUndefined()
  }
})

test("a session that moves to another server while everyone's are ended does not survive there", async () => {
  const opened = openStore()
  const token = await create(opened)
  const { version } = await loaded(opened.store, token)
  const { client, address } = opened.placeOf(token)
  const set = client.set.bind(client)
  const move = async () => {
    for (;;) {
      const moved = await create(opened)
      if (opened.placeOf(moved).address === address) continue
      return { moved, answer: await opened.store.destroy(token, version) }
    }
  }
  let moving: Promise<unknown> = Promise.resolve()
  // The last server to hear of it is the one with the old session.
  vi.spyOn(client, 'set').mockImplementationOnce(async (...args) => {
    for (const [other, { gets }] of opened.clients)
      if (other !== address) await gets.call(opened.clients.get(other), [`${opened.prefix}epoch`])
    moving = move().catch(() => 'refused')
    await moving
    return set(...args)
  })
  await opened.store.destroyAll()
  expect(await moving).toBe('refused')
  expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
  expect(await opened.store.load(await create(opened))).toHaveProperty('record')
})

describe('the choice of a server', () => {
  const keys = Array.from({ length: 1000 }, (_, i) => storageKey(String(i)))
  const named = (...names: string[]) => new Map(names.map((name) => [name, name]))
  const [a, b, c] = ['cache1.internal:11211', 'cache2.internal:11211', 'cache3.internal:11211']

  test('does not depend on the order of the list', () => {
    for (const key of keys) expect(serverOf(named(a, b, c), key)).toEqual(serverOf(named(c, a, b), key))
  })

  test('moves only to a new server, and about its share', () => {
    const moved = keys.filter((key) => serverOf(named(a, b), key)[0] !== serverOf(named(a, b, c), key)[0])
    for (const key of moved) expect(serverOf(named(a, b, c), key)).toEqual([c, c])
    expect(moved.length).toBeGreaterThan(250)
    expect(moved.length).toBeLessThan(420)
  })
})

describe('when one of two servers', () => {
  async function openBehindGate(timeoutMs = 2000) {
    const [near = '', far = ''] = memcachedServers()
    const [host = '', port] = far.split(':')
    const gate: Gate = await openGate({ host, port: Number(port) })
    onTestFinished(() => gate.close())
    const gated = `${gate.host}:${gate.port}`
    const opened = openStore({ servers: [near, gated], timeoutMs })
    const store = guardStore(opened.store, timeoutMs)
    const tokens = await Promise.all(Array.from({ length: 40 }, (_, n) => create(opened, { n })))
    const here = tokens.filter((token) => opened.placeOf(token).address === near)
    const there = tokens.filter((token) => opened.placeOf(token).address === gated)
    return { ...opened, store, gate, here, there, gated }
  }

  test('is down, its share is an error in every method, the rest goes on, and all is well when it is back', async () => {
    const { store, clock, gate, here, there, gated } = await openBehindGate()
    const [token = ''] = there
    const { version } = await loaded(store, token)
    const later = clock.now() + 2 * HOUR_MS
    await gate.stop()
    const calls = {
      'load a session': () => store.load(token),
      'save a session': () => store.update(token, recordOf({}), later, version),
      'touch a session': () => store.touch(token, later),
      'destroy a session': () => store.destroy(token),
      'adopt a session': () => store.adopt(token, recordOf({}), later),
    }
    for (const [operation, call] of Object.entries(calls)) {
      const cause = { message: expect.stringContaining(gated) }
      await expect(call(), operation).rejects.toMatchObject({
        name: 'SessionStoreError',
        store: 'memcached',
        operation,
        cause,
      })
    }
    for (const each of here) await loaded(store, each)
    const created = await Promise.allSettled(Array.from({ length: 40 }, () => create({ store, clock })))
    const failed = created.filter((result) => result.status === 'rejected')
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.length).toBeLessThan(40)
    for (const { reason } of failed) expect(reason).toBeInstanceOf(SessionStoreError)
    await gate.start()
    await Promise.all([...here, ...there].map((each) => loaded(store, each)))
  })

  test("is down, everyone's sessions are not reported as ended", async () => {
    const { store, gate, gated, there } = await openBehindGate()
    await gate.stop()
    const error = await store.destroyAll().catch((error) => error)
    expect(error).toBeInstanceOf(SessionStoreError)
    expect(error).toMatchObject({ operation: "end everyone's sessions" })
    expect(String(error.cause.errors)).toContain(gated)
    await gate.start()
    await store.destroyAll()
    for (const token of there) expect(await store.load(token)).toEqual({ refused: 'unknown' })
  })

  test('hangs, its share is an error at the deadline, the rest goes on, and the next call after it works', async () => {
    const { store, gate, here, there } = await openBehindGate(HANG_MS)
    const [token = ''] = there
    for (const _round of [1, 2]) {
      gate.hang()
      const since = performance.now()
      const results = await Promise.allSettled(there.map((each) => store.load(each)))
      expect(performance.now() - since).toBeLessThan((there.length / 2) * HANG_MS) // not one after another
      for (const result of results)
        expect(result).toMatchObject({ status: 'rejected', reason: expect.any(SessionStoreError) })
      await expect(store.load(token)).rejects.toThrow(SessionStoreError) // a new connection, which hangs as well
      for (const each of here) await loaded(store, each)
      await gate.start()
      await loaded(store, token)
    }
  })
})

describe('a server that lost its memory', () => {
  test('by flush_all has no sessions, and keeps new ones', async () => {
    const opened = openStore({ servers: [own.address] })
    const token = await create(opened)
    const { version } = await loaded(opened.store, token)
    await ask(own.address, 'flush_all')
    expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
    expect(await opened.store.touch(token, opened.clock.now() + HOUR_MS)).toBe(false)
    expect(await opened.store.update(token, recordOf({}), opened.clock.now() + HOUR_MS, version)).toBe('gone')
    await loaded(opened.store, await create(opened))
  })

  test('by a restart has no sessions, and keeps new ones over the same clients', async () => {
    const before = await startServer()
    onTestFinished(before.kill)
    const opened = openStore({ servers: [before.address] })
    const token = await create(opened)
    await before.kill()
    await expect(opened.store.load(token)).rejects.toThrow(SessionStoreError)
    const after = await startServer({ port: before.port })
    onTestFinished(after.kill)
    expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
    await loaded(opened.store, await create(opened))
  })

  test('of the epoch alone has ended its sessions, for good', async () => {
    const opened = openStore()
    const token = await create(opened)
    const { version } = await loaded(opened.store, token)
    const { client, address } = opened.placeOf(token)
    await client.delete(`${opened.prefix}epoch`)
    const later = opened.clock.now() + HOUR_MS
    expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
    expect(await opened.store.touch(token, later)).toBe(false)
    expect(await opened.store.update(token, recordOf({}), later, version)).toBe('gone')
    expect(await opened.store.destroy(token, version)).toBe('conflict')
    let fresh = ''
    while (fresh === '' || opened.placeOf(fresh).address !== address) fresh = await create(opened)
    await loaded(opened.store, fresh)
    expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
  })

  test('because it was short of it has lost the sessions longest unused, and says so', async () => {
    const small = await startServer({ args: ['-m', '16'] })
    onTestFinished(small.kill)
    const opened = openStore({ servers: [small.address] })
    const first = await create(opened, { filler: 'x'.repeat(500_000) })
    let last = first
    for (let n = 0; n < 60; n++) last = await create(opened, { filler: 'x'.repeat(500_000) })
    expect(await opened.store.load(first)).toEqual({ refused: 'unknown' })
    await loaded(opened.store, last)
    const warning = { level: 'warning', text: expect.stringMatching(/\d+ items evicted/) }
    expect(await opened.store.inspect?.()).toContainEqual(warning)
  })
})

test("ending everyone's sessions leaves the keys of others alone", async () => {
  const [ours, theirs] = [openStore(), openStore()]
  const [token, other] = [await create(ours), await create(theirs, { user: 'ada' })]
  const { client } = ours.placeOf(token)
  const foreign = `${newPrefix()}page`
  await client.set(foreign, 'theirs', { lifetime: 60 })
  await ours.store.destroyAll()
  expect(await ours.store.load(token)).toEqual({ refused: 'unknown' })
  expect((await loaded(theirs.store, other)).data).toEqual({ user: 'ada' })
  expect(await client.get(foreign)).toMatchObject({ value: 'theirs' })
})

describe.each([
  ['of the usual size', [], 1024 * 1024],
  ['of two megabytes', ['-I', '2m'], 2 * 1024 * 1024],
])('an item limit %s', (_title, args, itemBytes) => {
  test('is named when a session is above it, and the old record stays', async () => {
    const server = await startServer({ args })
    onTestFinished(server.kill)
    const opened = openStore({ servers: [server.address] })
    const token = await create(opened, { user: 'ada' })
    const tooLarge = recordOf({ user: 'ada', small: 'x', cart: 'x'.repeat(itemBytes) })
    const later = opened.clock.now() + HOUR_MS
    const { version } = await loaded(opened.store, token)
    const update = () => opened.store.update(token, tooLarge, later, version)
    for (const call of [() => opened.store.create(tooLarge, later), update]) {
      const error = await call().catch((error) => error)
      expect(error).toBeInstanceOf(SessionTooLargeError)
      expect(error.bytes).toBeGreaterThan(itemBytes)
      expect(error.limitBytes).toBeLessThan(itemBytes)
      expect(error.heaviestKeys[0]).toEqual({ key: 'cart', bytes: itemBytes + 4 })
    }
    expect((await loaded(opened.store, token)).data).toEqual({ user: 'ada' })
    expect(await save(opened, token, { user: 'grace' })).toMatchObject({ token })
  })

  test('is the number of bytes that fit, and one more do not', async () => {
    const server = await startServer({ args })
    onTestFinished(server.kill)
    const opened = openStore({ servers: [server.address] })
    const filled = (bytes: number) =>
      opened.store.create(recordOf({ a: 'x'.repeat(bytes) }), opened.clock.now() + HOUR_MS)
    const error = await filled(itemBytes).catch((error) => error)
    const room = itemBytes - (error.bytes - error.limitBytes)
    await filled(room)
    await expect(filled(room + 1)).rejects.toMatchObject({ bytes: error.limitBytes + 1 })
  })
})

test('a server without memory for a session is a store error, and the old record stays', async () => {
  const opened = openStore()
  const token = await create(opened, { user: 'ada' })
  const { client } = opened.placeOf(token)
  vi.spyOn(client, 'cas').mockRejectedValueOnce(new Error('SERVER_ERROR out of memory storing object'))
  await expect(save(opened, token, { user: 'grace' })).rejects.toThrow(SessionStoreError)
  expect((await loaded(opened.store, token)).data).toEqual({ user: 'ada' })
})

describe('what an operator is told', () => {
  test('names version, item size and whether sessions were made', async () => {
    const opened = openStore({ servers: [own.address] })
    const text = (end: string) =>
      expect.stringMatching(
        new RegExp(`^${own.address}: memcached [\\d.]+, items up to 1048576 bytes, ${end}`),
      )
    expect(await opened.store.inspect?.()).toEqual([{ level: 'ok', text: text('no epoch') }])
    await create(opened)
    expect(await opened.store.inspect?.()).toEqual([{ level: 'ok', text: text('epoch set') }])
  })

  test('names a clock that is off', async () => {
    const opened = openStore({ servers: [own.address] })
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 90_000)
    const text = expect.stringMatching(/clock is off by (89|90|91) s/)
    expect(await opened.store.inspect?.()).toContainEqual({ level: 'warning', text })
  })

  test('names the server that cannot be reached, and speaks of the others', async () => {
    const port = await freePort()
    const opened = openStore({ servers: [own.address, `127.0.0.1:${port}`] })
    const findings = await opened.store.inspect?.()
    expect(findings?.map(({ level }) => level)).toEqual(['ok', 'problem'])
    expect(findings?.[1]?.text).toMatch(new RegExp(`^127.0.0.1:${port}: .*ECONNREFUSED`))
  })
})
