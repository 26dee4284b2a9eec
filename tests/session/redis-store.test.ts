import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, connect as dial, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { SessionRecord } from '@/lib/session/core/store'
import { decodeValue, encodeValue } from '@/lib/session/core/values'
import { guardStore } from '@/lib/session/stores/guard'
import {
  createRedisClient,
  createRedisStore,
  type RedisClient,
  type RedisStore,
} from '@/lib/session/stores/redis'
import { createToken, storageKey } from '@/lib/session/stores/tokens'
import { createFakeClock, type FakeClock } from '@/lib/session/testing/fake-clock'
import { storeContract } from '@/lib/session/testing/store-contract'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { compiled } from '../compiled'
import { freePort } from '../free-port'
import { openGate } from '../gate'
import { newPrefix, redisUrl } from '../servers'
import type { WorkerTask } from './redis-store-worker'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const HANG_MS = 1500
const worker = compiled('tests/session/redis-store-worker.ts')

let home: string
const usedPrefixes = new Set<string>()
/** Looks at what the store keeps, from outside. */
const admin = createClient({ url: redisUrl() })
const client = createRedisClient({ url: redisUrl(), timeoutMs: 5000 })

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sess-redis-store-'))
  await admin.connect()
})

afterAll(async () => {
  for (const prefix of usedPrefixes) await openStore({ prefix }).store.destroyAll()
  client.destroy()
  admin.destroy()
  await rm(home, { recursive: true, force: true })
})

interface Opened {
  readonly store: RedisStore
  readonly clock: FakeClock
  readonly prefix: string
}

function openStore({
  on = client,
  prefix = newPrefix(),
  clock = createFakeClock(),
  maxBytes = 1_048_576,
} = {}): Opened {
  usedPrefixes.add(prefix)
  const records = createTestRecords(clock.now, { maxBytes })
  const store = createRedisStore({ client: on, prefix, records, now: clock.now })
  return { store: guardStore(store, 600_000), clock, prefix }
}

/** A client of its own, closed with the test. */
function newClient(url: string, timeoutMs = 5000): RedisClient {
  const own = createRedisClient({ url, timeoutMs })
  onTestFinished(() => own.destroy())
  return own
}

function recordOf(data: Record<string, unknown> = {}): SessionRecord {
  const texts = Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)] as const)
  return { createdAt: 1, savedAt: 1, avoidTouch: false, data: new Map(texts) }
}

async function create({ store, clock }: Opened, data: Record<string, unknown> = {}): Promise<string> {
  return (await store.create(recordOf(data), clock.now() + HOUR_MS)).token
}

async function loaded({ store }: Pick<Opened, 'store'>, token: string) {
  const result = await store.load(token)
  if ('refused' in result) throw new Error(`refused: ${result.refused}`)
  const data: Record<string, unknown> = Object.fromEntries(
    [...result.record.data].map(([key, text]) => [key, decodeValue(text)]),
  )
  return { ...result, data }
}

function keyOf({ prefix }: Opened, token: string): string {
  return prefix + storageKey(token)
}

/** A server of the test's own, and a way to administer it. */
async function startRedis(...options: string[]) {
  const port = await freePort()
  const child = spawn(
    'redis-server',
    ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', home, ...options],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  await said(child, /Ready to accept connections/)
  const url = `redis://127.0.0.1:${port}`
  return { url, port, child }
}

async function administer(url: string) {
  const own = createClient({ url })
  own.on('error', () => {})
  await own.connect()
  onTestFinished(() => own.destroy())
  return own
}

async function said(child: ChildProcess, text: RegExp): Promise<void> {
  if (!child.stdout) throw new Error('the process has no output')
  for await (const line of createInterface({ input: child.stdout })) if (text.test(line)) return
  throw new Error(`the process ended without saying ${text}`)
}

/** What a process prints that ends by itself. */
async function run(task: WorkerTask, env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, [worker, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout: 15_000,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  const [code, signal] = await once(child, 'close')
  return `${output.trim()} ${code ?? signal}`.trim()
}

describe('the redis store', () => {
  test('gives every key a time to live of the session, beyond thirty days too', async () => {
    const opened = openStore()
    const token = await create(opened)
    const ttl = () => admin.pTTL(keyOf(opened, token))
    expect(await ttl()).toSatisfy((ms: number) => ms > HOUR_MS - 1000 && ms <= HOUR_MS)
    await opened.store.touch(token, opened.clock.now() + 90 * DAY_MS)
    expect(await ttl()).toSatisfy((ms: number) => ms > 90 * DAY_MS - 1000 && ms <= 90 * DAY_MS)
    const { version } = await loaded(opened, token)
    await opened.store.update(token, recordOf(), opened.clock.now() + DAY_MS, version)
    expect(await ttl()).toSatisfy((ms: number) => ms > DAY_MS - 1000 && ms <= DAY_MS)
  })

  test('keeps neither a token nor anything that opens a session', async () => {
    const opened = openStore()
    const token = await create(opened, { user: 'ada' })
    const key = keyOf(opened, token)
    expect(await admin.keys(`${opened.prefix}*`)).toEqual([key])
    const stored = await admin.hGetAll(key)
    expect(Object.keys(stored).sort()).toEqual(['expiresAt', 'record', 'version'])
    expect(key + JSON.stringify(stored)).not.toContain(token)
    expect(await opened.store.load(storageKey(token))).toEqual({ refused: 'malformed' })
  })

  test('a key that was evicted or flushed is a session that is not there', async () => {
    const opened = openStore()
    const token = await create(opened)
    const { version } = await loaded(opened, token)
    await admin.unlink(keyOf(opened, token))
    expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
    expect(await opened.store.touch(token, opened.clock.now() + HOUR_MS)).toBe(false)
    expect(await opened.store.update(token, recordOf(), opened.clock.now() + HOUR_MS, version)).toBe('gone')
    expect(await opened.store.destroy(token, version)).toBe('conflict')
    expect(await admin.keys(`${opened.prefix}*`)).toEqual([])
  })

  test('a touch changes the expiry alone, and never revives', async () => {
    const opened = openStore()
    const token = await create(opened, { user: 'ada' })
    const before = await admin.hGetAll(keyOf(opened, token))
    const later = opened.clock.now() + 2 * HOUR_MS
    expect(await opened.store.touch(token, later)).toBe(true)
    expect(await admin.hGetAll(keyOf(opened, token))).toEqual({ ...before, expiresAt: String(later) })
    opened.clock.advance({ ms: 2 * HOUR_MS })
    expect(await opened.store.touch(token, opened.clock.now() + HOUR_MS)).toBe(false)
    await opened.store.destroy(token)
    expect(await opened.store.touch(token, opened.clock.now() + HOUR_MS)).toBe(false)
    expect(await admin.exists(keyOf(opened, token)), 'an expired one leaves no mark').toBe(0)
  })

  test('a record that moved away and back does not get an old version again', async () => {
    const opened = openStore()
    const token = await create(opened)
    const { version } = await loaded(opened, token)
    await opened.store.destroy(token, undefined, 'unmarked')
    expect(await opened.store.adopt(token, recordOf(), opened.clock.now() + HOUR_MS)).toMatchObject({ token })
    expect(await opened.store.update(token, recordOf(), opened.clock.now() + HOUR_MS, version)).toBe(
      'conflict',
    )
  })

  test('takes a record of another store under its token, unless a live one is there', async () => {
    const opened = openStore()
    const token = createToken()
    const end = opened.clock.now() + HOUR_MS
    expect(await opened.store.adopt(token, recordOf({ user: 'ada' }), end)).toMatchObject({ token })
    expect(await opened.store.adopt(token, recordOf({ user: 'eve' }), end)).toBe('conflict')
    expect((await loaded(opened, token)).data).toEqual({ user: 'ada' })
    await admin.set(keyOf(opened, token), 'junk')
    expect(await opened.store.adopt(token, recordOf({ user: 'ada' }), end)).toMatchObject({ token })
    expect((await loaded(opened, token)).data).toEqual({ user: 'ada' })
  })

  test('keeps two megabytes where SESSION_MAX_BYTES allows them', async () => {
    const opened = openStore({ maxBytes: 5_000_000 })
    const token = await create(opened, { text: 'x'.repeat(2_000_000) })
    const { data, version } = await loaded(opened, token)
    expect(data).toEqual({ text: 'x'.repeat(2_000_000) })
    const more = recordOf({ text: 'é'.repeat(2_000_000) })
    expect(await opened.store.update(token, more, opened.clock.now() + HOUR_MS, version)).toMatchObject({
      token,
    })
    expect((await loaded(opened, token)).data).toEqual({ text: 'é'.repeat(2_000_000) })
    await opened.store.destroy(token)
  })

  test('leaves of a session that ended no more than a mark, for a minute', async () => {
    const opened = openStore()
    const token = await create(opened, { user: 'ada' })
    await opened.store.destroy(token)
    const stored = await admin.hGetAll(keyOf(opened, token))
    expect(stored).toEqual({ endedUntil: String(opened.clock.now() + 60_000) })
    expect(await admin.pTTL(keyOf(opened, token))).toSatisfy((ms: number) => ms > 59_000 && ms <= 60_000)
  })

  test('works on when the server has forgotten the scripts', async () => {
    const { url } = await startRedis('--save', '')
    const opened = openStore({ on: newClient(url) })
    const token = await create(opened)
    const { version } = await loaded(opened, token)
    await (await administer(url)).scriptFlush()
    expect(await opened.store.update(token, recordOf(), opened.clock.now() + HOUR_MS, version)).toMatchObject(
      {
        token,
      },
    )
  })
})

describe('what is no token', () => {
  test('never reaches the server', async () => {
    const unreachable = newClient('redis://127.0.0.1:1')
    const { store, clock } = openStore({ on: unreachable })
    for (const text of ['', 'x', '*', `${createToken()}x`]) {
      expect(await store.load(text)).toEqual({ refused: 'malformed' })
      expect(await store.update(text, recordOf(), clock.now() + HOUR_MS, 'v')).toBe('gone')
      expect(await store.touch(text, clock.now() + HOUR_MS)).toBe(false)
      expect(await store.destroy(text)).toBe('ok')
      expect(await store.destroy(text, 'v')).toBe('conflict')
    }
  })
})

describe('a record that was tampered with', () => {
  const end = String(Date.UTC(2100, 0, 1))
  const token = createToken()
  const good = createTestRecords(Date.now).write(token, recordOf())

  test.each<[string, string | Record<string, string>]>([
    ['a string at the key', 'junk'],
    ['another format', { record: '{"v":2}', version: 'v', expiresAt: end }],
    ['null', { record: 'null', version: 'v', expiresAt: end }],
    ['no record', { version: 'v', expiresAt: end }],
    ['no version', { record: good, expiresAt: end }],
    ['no expiry', { record: good, version: 'v' }],
    ['an expiry that is no number', { record: good, version: 'v', expiresAt: 'soon' }],
    ['an expiry that Date cannot hold', { record: good, version: 'v', expiresAt: '1e300' }],
    ['an expiry without end', { record: good, version: 'v', expiresAt: 'Infinity' }],
  ])('is refused as malformed: %s', async (_title, content) => {
    const opened = openStore()
    const key = keyOf(opened, token)
    if (typeof content === 'string') await admin.set(key, content, { EX: 60 })
    else await admin.hSet(key, content)
    expect(await opened.store.load(token)).toEqual({ refused: 'malformed' })
    await opened.store.destroy(token, undefined, 'unmarked')
    expect(await admin.exists(key)).toBe(0)
  })

  test('opens nothing when it was edited, or is a copy of another session', async () => {
    const opened = openStore()
    const [ada, eve] = [await create(opened, { user: 'ada' }), await create(opened, { user: 'eve' })]
    const stored = await admin.hGetAll(keyOf(opened, ada))
    await admin.hSet(keyOf(opened, eve), stored)
    expect(await opened.store.load(eve)).toEqual({ refused: 'forged' })
    await admin.hSet(keyOf(opened, ada), 'record', stored.record?.replace('ada', 'eve') ?? '')
    expect(await opened.store.load(ada)).toEqual({ refused: 'forged' })
  })

  test('ends the session of who saves or touches it', async () => {
    const opened = openStore()
    const token = await create(opened)
    const { version } = await loaded(opened, token)
    await admin.set(keyOf(opened, token), 'junk', { EX: 60 })
    expect(await opened.store.update(token, recordOf(), opened.clock.now() + HOUR_MS, version)).toBe('gone')
    expect(await opened.store.touch(token, opened.clock.now() + HOUR_MS)).toBe(false)
    expect(await opened.store.destroy(token, version)).toBe('conflict')
  })
})

describe("ending everyone's sessions", () => {
  test.each([
    ['a:', 'a:b:'],
    ['?:', 'b:'],
    ['*:', 'b:'],
    ['[b]:', 'b:'],
    ['\\b:', 'b:'],
    ['[^-]*\\?:', 'bc:'],
  ])('under the prefix %s leaves the keys of others alone, such as those under %s', async (own, other) => {
    const base = newPrefix()
    const [ours, theirs] = [openStore({ prefix: base + own }), openStore({ prefix: base + other })]
    const [token, foreign] = [await create(ours), await create(theirs, { user: 'ada' })]
    const keys = [storageKey(base), `${base}${own}notes`, `${base}${own}${storageKey(base)}:lock`]
    for (const key of keys) await admin.set(key, 'theirs', { EX: 60 })
    await ours.store.destroyAll()
    expect(await ours.store.load(token)).toEqual({ refused: 'unknown' })
    expect((await loaded(theirs, foreign)).data).toEqual({ user: 'ada' })
    for (const key of keys) expect(await admin.getDel(key)).toBe('theirs')
  })

  test('finds more of them than one batch holds, and counts them', async () => {
    const opened = openStore()
    const ends = Array.from({ length: 2500 }, (_, i) => opened.clock.now() + (i < 500 ? 1 : HOUR_MS))
    await Promise.all(ends.map((end) => opened.store.create(recordOf(), end + 60_000)))
    await admin.set(`${opened.prefix}${storageKey('junk')}`, 'junk', { EX: 60 })
    opened.clock.advance({ ms: 60_001 })
    expect(await opened.store.count()).toEqual({ live: 2000, expired: 500 })
    await opened.store.destroyAll()
    expect(await opened.store.count()).toEqual({ live: 0, expired: 0 })
    expect(await admin.keys(`${opened.prefix}*`)).toEqual([`${opened.prefix}epoch`])
  })
})

describe('a server', () => {
  test('is reached by a URL with user, password and database number, with the least of rights', async () => {
    const { url, port } = await startRedis('--save', '', '--requirepass', 'p@ss/wörd')
    const password = encodeURIComponent('p@ss/wörd')
    const boss = await administer(`redis://:${password}@127.0.0.1:${port}`)
    const rights = '+hmget +hset +type +pexpire +unlink +scan +evalsha +eval +select'
    await boss.sendCommand(['ACL', 'SETUSER', 'app', 'on', '>s3cret', '~test-*', ...rights.split(' ')])
    for (const { run } of storeContract({ backend: false })) {
      const { store, clock } = openStore({ on: newClient(`redis://app:s3cret@127.0.0.1:${port}/2`) })
      await run({ store, clock })
    }
    const opened = openStore({ on: newClient(`redis://:${password}@127.0.0.1:${port}/2`) })
    const token = await create(opened)
    await boss.select(2)
    expect(await boss.exists(keyOf(opened, token))).toBe(1)
    for (const wrong of [
      url,
      `redis://:wrong@127.0.0.1:${port}`,
      `redis://:${password}@127.0.0.1:${port}/99`,
    ])
      await expect(openStore({ on: newClient(wrong) }).store.load(token)).rejects.toMatchObject({
        name: 'SessionStoreError',
        cause: { message: expect.stringMatching(/NOAUTH|WRONGPASS|DB index/) },
      })
  })

  test('is reached over TLS, and only with a certificate that is trusted', async () => {
    const [key, certificate] = [join(home, 'key.pem'), join(home, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const files = ['-keyout', key, '-out', certificate]
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files],
      {
        stdio: 'ignore',
      },
    )
    const port = await freePort()
    await startRedis(
      ...['--save', '', '--tls-port', `${port}`, '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate],
    )
    const url = `rediss://localhost:${port}`
    const use = { url, prefix: newPrefix(), job: 'use and close' } as const
    expect(await run(use, { NODE_EXTRA_CA_CERTS: certificate })).toBe('loaded 0')
    const opened = openStore({ on: newClient(url) })
    await expect(create(opened)).rejects.toMatchObject({
      name: 'SessionStoreError',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    })
  })

  test('that is full fails a save visibly, and the old record stays', async () => {
    const { url } = await startRedis('--save', '', '--maxmemory', '4mb', '--maxmemory-policy', 'noeviction')
    const opened = openStore({ on: newClient(url) })
    const token = await create(opened, { user: 'ada' })
    const fill = async () => {
      for (let i = 0; i < 20; i++) await create(opened, { text: 'x'.repeat(1_000_000) })
    }
    const full = { name: 'SessionStoreError', cause: { message: expect.stringContaining('OOM') } }
    await expect(fill()).rejects.toMatchObject(full)
    const { data, version } = await loaded(opened, token)
    expect(data).toEqual({ user: 'ada' })
    const large = recordOf({ text: 'x'.repeat(1_000_000) })
    const save = opened.store.update(token, large, opened.clock.now() + HOUR_MS, version)
    await expect(save).rejects.toMatchObject(full)
    expect((await loaded(opened, token)).data).toEqual({ user: 'ada' })
    expect(await opened.store.destroy(token, version)).toBe('ok')
  })

  test('that became a replica is left for whoever is the primary now', async () => {
    const { url } = await startRedis('--save', '')
    const boss = await administer(url)
    const opened = openStore({ on: newClient(url) })
    await create(opened)
    const connections = async () => /total_connections_received:(\d+)/.exec(await boss.info('stats'))?.[1]
    const before = Number(await connections())
    await boss.sendCommand(['REPLICAOF', '127.0.0.1', '1'])
    await expect(create(opened)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('READONLY') },
    })
    await boss.sendCommand(['REPLICAOF', 'NO', 'ONE'])
    await create(opened)
    expect(Number(await connections())).toBe(before + 1)
  })
})

describe('what an operator is told', () => {
  const texts = async ({ store }: Opened) =>
    (await store.inspect()).map(({ level, text }) => `${level}: ${text}`)

  test('all is well on a server that keeps everything', async () => {
    const { url } = await startRedis('--appendonly', 'yes', '--appenddirname', newPrefix().slice(0, -1))
    expect(await texts(openStore({ on: newClient(url) }))).toEqual([
      expect.stringMatching(/^ok: (Redis|Valkey) \d+\.\d+\.\d+ answers\.$/),
      'ok: maxmemory-policy is noeviction: no session is evicted.',
      'ok: The append-only file is on: sessions survive a restart of the server.',
    ])
  })

  test('warnings: eviction, no persistence, a clock that differs', async () => {
    const { url } = await startRedis('--save', '', '--maxmemory-policy', 'allkeys-lru')
    const opened = openStore({ on: newClient(url) })
    const real = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => real() - 5000)
    expect((await texts(opened)).slice(1)).toEqual([
      expect.stringMatching(
        /^warning: The clock of the server is [45]\.\d s from this one's\. Sessions are unaffected/,
      ),
      'warning: maxmemory-policy is allkeys-lru: sessions may be evicted when memory is full.',
      'warning: Persistence is off: sessions are lost at a restart of the server.',
    ])
    await (await administer(url)).configSet('save', '3600 1')
    expect((await texts(opened)).at(-1)).toMatch(/^ok: Snapshots are on/)
  })

  test('a warning: only some sessions work on a node of a cluster', async () => {
    const cluster = ['--cluster-enabled', 'yes', '--cluster-config-file', join(home, 'nodes.conf')]
    const { url } = await startRedis('--save', '', ...cluster, '--cluster-port', `${await freePort()}`)
    const opened = openStore({ on: newClient(url) })
    expect(await texts(opened)).toEqual([expect.stringMatching(/^problem: .*CLUSTERDOWN/)])
    await (await administer(url)).sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    await vi.waitFor(() => create(opened), { timeout: 20_000 }) // the node takes a moment to find itself whole
    expect(await texts(opened)).toContainEqual(
      expect.stringMatching(/^warning: It is a node of a Redis Cluster/),
    )
  })

  test('the reason for each address of a host that refuses', async () => {
    const refusals = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:1`))
    const on = { ...client, call: () => Promise.reject(new AggregateError(refusals)) }
    expect(await texts(openStore({ on }))).toEqual([
      'problem: The server does not answer: connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1',
    ])
  })

  test('only that it answers, by a server that tells nothing', async () => {
    const { url, port } = await startRedis('--save', '')
    const boss = await administer(url)
    await boss.sendCommand(['ACL', 'SETUSER', 'app', 'on', '>s3cret', '~test-*', '+hmget'])
    const opened = openStore({ on: newClient(`redis://app:s3cret@127.0.0.1:${port}`) })
    expect(await texts(opened)).toEqual(['ok: Redis (version not told) answers.'])
    await boss.sendCommand(['ACL', 'SETUSER', 'app', '+info', '+time', '+config|get'])
    expect(await texts(opened)).toHaveLength(3)
    await boss.sendCommand(['ACL', 'SETUSER', 'app', '-hmget'])
    expect(await texts(opened)).toEqual([expect.stringMatching(/^problem: .*(NOPERM|no permissions)/)])
  })

  test('that nobody answers', async () => {
    const found = await texts(openStore({ on: newClient('redis://127.0.0.1:1') }))
    expect(found).toEqual([expect.stringMatching(/^problem: .*ECONNREFUSED/)])
  })
})

describe('when the server fails', () => {
  /** A store behind a gate, as the app opens one. */
  async function openGated({ timeoutMs = 5000 } = {}) {
    const { hostname, port } = new URL(redisUrl())
    const gate = await openGate({ host: hostname, port: Number(port || 6379) })
    onTestFinished(() => gate.close())
    const own = newClient(`redis://${gate.host}:${gate.port}`, timeoutMs)
    const opened = openStore({ on: own })
    return { ...opened, gate, store: guardStore(opened.store, timeoutMs), client: own }
  }

  const down = (message: RegExp) => ({
    name: 'SessionStoreError',
    store: 'redis',
    cause: { message: expect.stringMatching(message) },
  })

  test('every call fails at once while it is stopped, and the next one works when it is back', async () => {
    const opened = await openGated({ timeoutMs: 20_000 })
    const { store, clock, gate } = opened
    const { token } = await store.create(recordOf({ user: 'ada' }), clock.now() + HOUR_MS)
    for (let round = 0; round < 3; round++) {
      await gate.stop()
      for (const call of [
        () => store.load(token),
        () => store.create(recordOf(), clock.now() + HOUR_MS),
        () => store.update(token, recordOf(), clock.now() + HOUR_MS, 'v'),
        () => store.touch(token, clock.now() + HOUR_MS),
        () => store.destroy(token),
        () => store.destroy(token, 'v'),
        () => store.destroyAll(),
      ])
        await expect(call()).rejects.toMatchObject(down(/ECONNREFUSED|closed|ECONNRESET/))
      await gate.start()
      expect(await store.load(token)).toMatchObject({ version: expect.any(String) })
    }
    // Nothing that failed was sent later.
    expect(await admin.keys(`${opened.prefix}*`)).toEqual([
      keyOf({ ...opened, store: openStore().store }, token),
    ])
  })

  test('calls under way fail at once when it is stopped', async () => {
    const { store, gate } = await openGated({ timeoutMs: 20_000 })
    await store.load(createToken())
    gate.hang()
    const calls = Promise.allSettled([1, 2, 3].map(() => store.load(createToken())))
    await gate.stop()
    for (const result of await calls) expect(result).toMatchObject({ reason: down(/closed|ECONNRESET/) })
  })

  test.each(['before the first call', 'later'])('a hang is an error at the deadline: %s', async (moment) => {
    const { store, gate } = await openGated({ timeoutMs: HANG_MS })
    if (moment === 'later') await store.load(createToken())
    gate.hang()
    const since = performance.now()
    const calls = Array.from({ length: 50 }, () => store.load(createToken()))
    for (const result of await Promise.allSettled(calls))
      expect(result).toMatchObject({ reason: down(/no answer in 1500 ms/) })
    expect(performance.now() - since).toBeLessThan(10 * HANG_MS) // one after another they would take 50
    await gate.start()
    expect(await store.load(createToken())).toEqual({ refused: 'unknown' })
    // Another server takes the place of one that hangs, and of the one after it.
    for (let round = 0; round < 2; round++) {
      gate.hang()
      await expect(store.load(createToken())).rejects.toMatchObject(down(/no answer/))
      await gate.stop()
      await gate.start()
      expect(await store.load(createToken())).toEqual({ refused: 'unknown' })
    }
  })

  test('a hang at the login is an error at the deadline too', async () => {
    const { url, port } = await startRedis('--save', '', '--requirepass', 'pw')
    const gate = await openGate({ host: new URL(url).hostname, port })
    onTestFinished(() => gate.close())
    const own = newClient(`redis://:pw@${gate.host}:${gate.port}`, HANG_MS)
    const { store } = openStore({ on: own })
    gate.hang()
    await expect(store.load(createToken())).rejects.toMatchObject(down(/no answer/))
    await gate.start()
    expect(await store.load(createToken())).toEqual({ refused: 'unknown' })
  })

  test('a connection that is dead without notice is given up by the first call that hears nothing', async () => {
    const { connections, url } = await openRelay()
    const { store } = openStore({ on: newClient(url, HANG_MS) })
    await store.load(createToken())
    for (const socket of connections) socket.pause() // the first connection alone
    await expect(store.load(createToken())).rejects.toMatchObject(down(/no answer/))
    expect(await store.load(createToken())).toEqual({ refused: 'unknown' })
    expect(connections).toHaveLength(2)
  })

  test('a server that is slow and answers keeps its connection', async () => {
    const slow = createServer((socket) => {
      socket.once('data', async () => {
        for (let answers = 0; answers < 6; answers++) {
          await pause(HANG_MS / 3)
          socket.write('+PONG\r\n')
        }
      })
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void slow.close())
    await once(slow, 'listening')
    const own = newClient(`redis://127.0.0.1:${(slow.address() as { port: number }).port}`, HANG_MS)
    const calls = Array.from({ length: 6 }, () => own.call((redis) => redis.ping()))
    expect(await Promise.all(calls)).toEqual(Array(6).fill('PONG'))
  })

  test('a server that answers some of many commands and then hangs is an error, not a wait without end', async () => {
    const key = `sess:${'a'.repeat(64)}`
    const pageOfTwoKeys = `*2\r\n$1\r\n0\r\n*2\r\n${`$${key.length}\r\n${key}\r\n`.repeat(2)}`
    const stalling = createServer((socket) => {
      socket.once('data', () => {
        socket.write(':1\r\n') // the epoch
        socket.once('data', () => {
          socket.write(pageOfTwoKeys)
          socket.once('data', () => setTimeout(() => socket.write(':1\r\n'), HANG_MS / 3)) // one of the two
        })
      })
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void stalling.close())
    await once(stalling, 'listening')
    const client = newClient(`redis://127.0.0.1:${(stalling.address() as { port: number }).port}`, HANG_MS)
    const store = guardStore(
      createRedisStore({
        client,
        prefix: 'sess:',
        records: createTestRecords(Date.now),
        now: Date.now,
      }),
      600_000,
    )
    await expect(store.destroyAll()).rejects.toMatchObject(down(/no answer/))
  })

  test('a server that restarts finds its sessions again, if it keeps them', async () => {
    const first = await startRedis('--appendonly', 'yes', '--appenddirname', 'restarted')
    const opened = openStore({ on: newClient(first.url) })
    const token = await create(opened, { user: 'ada' })
    first.child.kill('SIGTERM')
    await once(first.child, 'exit')
    await expect(opened.store.load(token)).rejects.toMatchObject(down(/ECONNREFUSED|closed/))
    await startRedis('--appendonly', 'yes', '--appenddirname', 'restarted', '--port', `${first.port}`)
    expect((await loaded(opened, token)).data).toEqual({ user: 'ada' })
  })

  test('nothing is connected before the first call, and many at once share one connection', async () => {
    const { connections, url } = await openRelay()
    const { store, clock } = openStore({ on: newClient(url) })
    expect(connections).toHaveLength(0)
    await Promise.all(Array.from({ length: 100 }, () => store.create(recordOf(), clock.now() + 1000)))
    expect(connections).toHaveLength(1)
  })

  test('a client that was closed stays closed, and fails what is under way', async () => {
    const { store, gate, client: own } = await openGated()
    await store.load(createToken())
    gate.hang()
    const call = store.load(createToken())
    own.destroy()
    own.destroy()
    await expect(call).rejects.toMatchObject(down(/closed/))
    await expect(store.load(createToken())).rejects.toMatchObject(down(/closed/))
  })

  test('a process ends by itself when its client was never used, was closed, or was closed early', async () => {
    const prefix = newPrefix()
    expect(await run({ url: redisUrl(), prefix, job: 'create a client' })).toBe('0')
    expect(await run({ url: redisUrl(), prefix, job: 'use and close' })).toBe('loaded 0')
    const closed = 'the connection was closed 0'
    expect(await run({ url: redisUrl(), prefix, job: 'close while connecting' })).toBe(closed)
    const silent = createServer(() => {}).listen(0, '127.0.0.1') // no TLS handshake, ever
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const url = `rediss://127.0.0.1:${(silent.address() as { port: number }).port}`
    expect(await run({ url, prefix, job: 'close while connecting' })).toBe(closed)
  })

  /** Passes everything on, and shows the connections of the client. */
  async function openRelay() {
    const { hostname, port } = new URL(redisUrl())
    const connections: Socket[] = []
    const relay = createServer((near) => {
      connections.push(near)
      const far = dial({ host: hostname, port: Number(port || 6379) })
      for (const socket of [near, far]) socket.on('error', () => {})
      near.pipe(far)
      far.pipe(near)
      near.on('close', () => far.destroy())
    }).listen(0, '127.0.0.1')
    await once(relay, 'listening')
    onTestFinished(() => {
      relay.close()
      for (const socket of connections) socket.destroy()
    })
    const address = relay.address() as { port: number }
    return { connections, url: `redis://127.0.0.1:${address.port}` }
  }
})
