import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { Client, type Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SessionRecord } from '@/lib/session/core/store'
import { encodeValue } from '@/lib/session/core/values'
import { chooseStore } from '@/lib/session/stores/choose'
import { guardStore } from '@/lib/session/stores/guard'
import { createPool, createPostgresStore } from '@/lib/session/stores/postgres'
import { storageKey } from '@/lib/session/stores/tokens'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { type Gate, openGate } from '../gate'
import { newPostgresDatabase, newPrefix } from '../servers'

const HOUR_MS = 3_600_000
const TIMEOUT_MS = 1500

let database: Awaited<ReturnType<typeof newPostgresDatabase>>
let admin: Client
const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  database = await newPostgresDatabase()
  admin = await connect(database.url)
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(async () => {
  await admin.end()
  await database.drop()
})

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return client
}

/** A database for one test, with a connection of its administrator. */
async function emptyDatabase() {
  const { url, drop } = await newPostgresDatabase()
  const client = await connect(url)
  closers.push(async () => {
    await client.end()
    await drop()
  })
  return { url, client }
}

interface Options {
  readonly url?: string
  readonly timeoutMs?: number
  readonly prefix?: string
  readonly createTable?: boolean
  readonly maxBytes?: number
  readonly clock?: ReturnType<typeof createFakeClock>
}

/** A store with a pool of its own, as another process has it. */
function openStore(options: Options = {}) {
  const { url = database.url, timeoutMs = 10_000, createTable = true } = options
  const { prefix = newPrefix(), clock = createFakeClock() } = options
  const pool = createPool({ url, timeoutMs })
  closers.push(() => pool.end())
  const records = createTestRecords(clock.now, { maxBytes: options.maxBytes })
  const store = guardStore(
    createPostgresStore({ pool, prefix, records, createTable, now: clock.now }),
    600_000,
  )
  const create = async (data: Record<string, unknown> = {}) =>
    (await store.create(recordOf(data), clock.now() + HOUR_MS)).token
  const sweep = (limit = 100) => store.sweep?.(clock.now(), limit)
  return { store, pool, prefix, clock, create, sweep }
}

/** The same through a gate, with the deadline on every call that it has in an app. */
async function openGatedStore() {
  const gate = await openGate({
    host: new URL(database.url).hostname,
    port: Number(new URL(database.url).port || 5432),
  })
  closers.push(() => gate.close())
  const url = new URL(database.url)
  url.host = `${gate.host}:${gate.port}`
  const opened = openStore({ url: url.href, timeoutMs: TIMEOUT_MS })
  const store = guardStore(opened.store, TIMEOUT_MS)
  const create = async () => (await store.create(recordOf({}), opened.clock.now() + HOUR_MS)).token
  return { ...opened, store, create, gate }
}

function recordOf(data: Record<string, unknown>): SessionRecord {
  const texts = Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)] as const)
  return { createdAt: 1, savedAt: 1, avoidTouch: false, data: new Map(texts) }
}

/** Ten connections that are idle in the pool. */
async function warm(pool: Pool): Promise<void> {
  await Promise.all(Array.from({ length: 10 }, () => pool.query('select pg_sleep(0.05)')))
  expect(pool.idleCount).toBe(10)
}

test('both forms of a URL with a Unix socket connect to the database', async () => {
  const { rows } = await admin.query('SHOW unix_socket_directories')
  const directory: string = rows[0].unix_socket_directories
  const { port, username, password, pathname } = new URL(database.url)
  const user = password === '' ? username : `${username}:${password}`
  const name = pathname.slice(1)
  for (const url of [
    `postgres://${user}@/${name}?host=${directory}&port=${port}`,
    `postgres://${user}@${encodeURIComponent(directory)}:${port}/${name}`,
  ]) {
    expect(chooseStore('database', { DATABASE_URL: url })).toEqual({ options: { kind: 'postgres', url } })
    const pool = createPool({ url, timeoutMs: TIMEOUT_MS })
    closers.push(() => pool.end())
    const { rows } = await pool.query('SELECT inet_server_addr() AS address, current_database() AS name')
    expect(rows).toEqual([{ address: null, name }])
  }
})

describe('the PostgreSQL store', () => {
  test('adopts a session once, also when two processes do so at the same time', async () => {
    const { store, clock } = openStore()
    const token = 'A'.repeat(43)
    const move = (by: string) => store.adopt(token, recordOf({ by }), clock.now() + HOUR_MS)
    const moved = await Promise.all([move('one'), move('two')])
    expect(moved).toContain('conflict')
    const [winner] = moved.filter((each) => each !== 'conflict')
    expect(await store.load(token)).toMatchObject({ version: winner?.version })
  })

  test('keeps 2 MB where SESSION_MAX_BYTES allows them, and texts with U+0000 and half a surrogate pair', async () => {
    const { store, create } = openStore({ maxBytes: 3_000_000 })
    const data = { large: 'x'.repeat(2_000_000), 'n\0l': 'a\0b', half: '\ud800' }
    expect(await store.load(await create(data))).toMatchObject({ record: recordOf(data) })
  })

  test('counts the sessions that live and those that are not yet swept, its own only', async () => {
    const { store, clock, prefix, create } = openStore()
    const other = openStore({ clock, prefix: `${prefix}b:` })
    await Promise.all([create(), create(), other.create()])
    clock.advance({ ms: HOUR_MS })
    await create()
    expect(await store.count?.()).toEqual({ live: 1, expired: 2 })
  })

  test('shows the saves of other processes', async () => {
    const { store, clock, create } = openStore()
    const token = await create({ by: 'one' })
    const script = `const client = new (require('pg').Client)(process.argv[1])
      client.connect().then(() => client.query(process.argv[2])).then(() => client.end())`
    const change = `update sess_sessions set version = 'x', expires_at = expires_at + 1
      where key like '%${storageKey(token)}'`
    await promisify(execFile)(process.execPath, ['-e', script, database.url, change])
    expect(await store.load(token)).toMatchObject({ version: 'x', expiresAt: clock.now() + HOUR_MS + 1 })
  })

  test('does not connect before it is used', async () => {
    const { pool, create } = openStore()
    expect(pool.totalCount).toBe(0)
    await create()
    expect(pool.totalCount).toBe(1)
    const { rows } = await pool.query("select current_setting('application_name') as name")
    expect(rows).toEqual([{ name: 'sess' }])
  })
})

describe('the table', () => {
  test('is created once when eight stores begin at the same time', async () => {
    const { url } = await emptyDatabase()
    const clock = createFakeClock()
    const opened = Array.from({ length: 8 }, () => openStore({ url, clock, prefix: 'sess:' }))
    const tokens = await Promise.all(opened.map(({ create }) => create()))
    for (const token of tokens) expect(await opened[0]?.store.load(token)).toHaveProperty('record')
  })

  test('that was dropped is an error once, and then created again', async () => {
    const { url, client } = await emptyDatabase()
    const { store, create } = openStore({ url })
    const token = await create()
    await client.query('drop table sess_sessions')
    await expect(store.load(token)).rejects.toMatchObject({
      name: 'SessionStoreError',
      cause: { code: '42P01', message: 'relation "sess_sessions" does not exist' },
    })
    expect(await store.load(token)).toEqual({ refused: 'unknown' })
    expect(await store.load(await create())).toHaveProperty('record')
  })

  test('is never created when the app may not create it', async () => {
    const { url, client } = await emptyDatabase()
    const { create } = openStore({ url, createTable: false })
    for (const _ of [1, 2]) await expect(create()).rejects.toMatchObject({ name: 'SessionStoreError' })
    const { rows } = await client.query("select to_regclass('sess_sessions') as name")
    expect(rows).toEqual([{ name: null }])
  })

  test('is created by the statements that inspect names', async () => {
    const { url, client } = await emptyDatabase()
    const { store, create } = openStore({ url, createTable: false })
    const findings = (await store.inspect?.()) ?? []
    const [, statements = ''] = findings.flatMap(
      ({ text }) => text.match(/ is missing\. To make it, run: (.+)/) ?? [],
    )
    await client.query(statements)
    expect(await store.load(await create())).toHaveProperty('record')
    expect(await store.inspect?.()).toContainEqual({ level: 'ok', text: 'The index on expires_at exists.' })
  })

  test('serves a role that may only read and write it', async () => {
    const { url, client } = await emptyDatabase()
    const role = `role_${new URL(url).pathname.slice(1)}`
    await client.query(`create role ${role} login; revoke create on schema public from public`)
    closers.push(async () => void (await client.query(`drop owned by ${role}; drop role ${role}`)))
    const asRole = new URL(url)
    asRole.username = role
    const { store, create } = openStore({ url: asRole.href })
    await expect(create()).rejects.toMatchObject({ cause: { code: '42501' } })
    expect(await store.inspect?.()).toContainEqual({
      level: 'problem',
      text: expect.stringContaining(
        'This role may not create the table. As a role that may, run: CREATE TABLE ',
      ),
    })
    await openStore({ url }).create()
    await client.query(`grant select, insert on sess_sessions to ${role}`)
    expect(await store.inspect?.()).toContainEqual({
      level: 'problem',
      text: expect.stringMatching(
        /lacks rights on the table: UPDATE, DELETE\. .+ grant UPDATE, DELETE on sess_sessions to \w+$/,
      ),
    })
    await client.query(`grant update, delete on sess_sessions to ${role}`)
    expect(await store.load(await create())).toHaveProperty('record')
    expect((await store.inspect?.())?.filter(({ level }) => level === 'problem')).toEqual([])
    await store.destroyAll()
  })

  test('holds whole numbers for times and no token, nor the hash of one without the prefix', async () => {
    const { prefix, clock, create } = openStore()
    const token = await create({ user: 'ada' })
    const { rows } = await admin.query(
      'select *, pg_typeof(expires_at)::text as type from sess_sessions where key like $1',
      [`${prefix}%`],
    )
    expect(rows).toEqual([
      expect.objectContaining({
        key: prefix + storageKey(token),
        expires_at: String(clock.now() + HOUR_MS),
        type: 'bigint',
      }),
    ])
    expect(JSON.stringify(rows)).not.toContain(token)
  })

  test('with junk in a row refuses that session and throws no error', async () => {
    const { store, prefix, create } = openStore()
    const token = await create()
    const set = (column: string, value: unknown) =>
      admin.query(`update sess_sessions set ${column} = $1 where key like $2`, [value, `${prefix}%`])
    for (const junk of ['', '{', 'null', '[]', '{"v":99}', '7']) {
      await set('record', junk)
      expect(await store.load(token), junk).toEqual({ refused: 'malformed' })
    }
    for (const junk of ['9223372036854775807', '8640000000000001', '-1']) {
      await set('expires_at', junk)
      expect(await store.load(token), junk).toEqual({ refused: 'malformed' })
    }
  })

  test('is inspected without being created: complete, without its index, or of another shape', async () => {
    const { url, client } = await emptyDatabase()
    const { store, create } = openStore({ url, clock: { now: Date.now, advance: () => {} } })
    expect((await store.inspect?.())?.filter(({ level }) => level !== 'ok')).toEqual([])
    const { rows } = await client.query("select to_regclass('sess_sessions') as name")
    expect(rows).toEqual([{ name: null }])
    await create()
    expect(await store.inspect?.()).toContainEqual({
      level: 'ok',
      text: 'The index on expires_at exists.',
    })
    await client.query('drop index sess_sessions_expires_at')
    expect(await store.inspect?.()).toContainEqual(expect.objectContaining({ level: 'warning' }))
    await client.query('drop table sess_sessions; create table sess_sessions (key text, version int)')
    expect(await store.inspect?.()).toContainEqual({
      level: 'problem',
      text: expect.stringContaining('it lacks: version text, expires_at bigint, record text'),
    })
  })

  test('is inspected with the clocks compared', async () => {
    const { store } = openStore()
    expect(await store.inspect?.()).toContainEqual({
      level: 'warning',
      text: expect.stringMatching(/^Its clock and this machine's differ by \d+ ms/),
    })
  })
})

describe('other apps in the same database', () => {
  test('keep their rows and tables when everyone is logged out here and the expired are swept', async () => {
    const { url, client } = await emptyDatabase()
    const { store, clock, create, sweep } = openStore({ url, prefix: 'a_' })
    const prefixes = ['a_b:', 'ab', 'A_', '%', 'a']
    const others = prefixes.map((prefix) => openStore({ url, clock, prefix }))
    await Promise.all([create(), ...others.map((other) => other.create())])
    await client.query(`create table sessions (id text); insert into sessions values ('theirs');
      insert into sess_sessions values ('a_theirs', '', 0, '')`)
    clock.advance({ ms: HOUR_MS })
    expect(await sweep()).toBe(1)
    await create()
    await store.destroyAll()
    const { rows } = await client.query(
      'select (select count(*)::int from sess_sessions) as ours, (select count(*)::int from sessions) as theirs',
    )
    // theirs, and the epoch that ended ours
    expect(rows).toEqual([{ ours: prefixes.length + 2, theirs: 1 }])
  })

  test('more sessions than fit in one batch all end', async () => {
    const { store, clock, prefix, create } = openStore()
    await create()
    await admin.query(
      `insert into sess_sessions
        select $1::text || encode(sha256(n::text::bytea), 'hex'), '', $2, '' from generate_series(1, 1700) as n`,
      [prefix, clock.now() + HOUR_MS],
    )
    await store.destroyAll()
    const { rows } = await admin.query('select key from sess_sessions where key like $1', [`${prefix}%`])
    expect(rows).toEqual([{ key: `${prefix}epoch` }])
  })
})

describe('a sweep', () => {
  test('removes the expired in bounded batches, the oldest first, and nothing else', async () => {
    const { store, create, clock, sweep } = openStore()
    for (let i = 0; i < 5; i++) await create()
    clock.advance({ ms: HOUR_MS })
    const live = await create()
    expect([await sweep(2), await sweep(2), await sweep(2), await sweep(2)]).toEqual([2, 2, 1, 0])
    expect(await store.load(live)).toHaveProperty('record')
  })

  test('twice at once counts each session once, and a touched one survives', async () => {
    const one = openStore()
    const two = openStore({ prefix: one.prefix, clock: one.clock })
    const tokens = await Promise.all(Array.from({ length: 40 }, () => one.create()))
    const touched = tokens[0] ?? ''
    await one.store.touch(touched, one.clock.now() + 2 * HOUR_MS)
    one.clock.advance({ ms: HOUR_MS })
    const removed = await Promise.all([one.sweep(30), two.sweep(30), one.sweep(30)])
    const rest = await one.sweep()
    expect([...removed, rest].reduce<number>((sum, n) => sum + (n ?? 0), 0)).toBe(39)
    expect(await two.store.load(touched)).toHaveProperty('record')
  })

  test('leaves a session alone that another request is touching', async () => {
    const { store, prefix, clock, create, sweep } = openStore()
    const token = await create()
    await create()
    const later = clock.now() + 2 * HOUR_MS
    clock.advance({ ms: HOUR_MS })
    await admin.query('begin')
    await admin.query('update sess_sessions set expires_at = $1 where key = $2', [
      later,
      prefix + storageKey(token),
    ])
    expect(await sweep()).toBe(1)
    await admin.query('commit')
    expect(await store.load(token)).toHaveProperty('record')
  })
})

test('requests and sweeps find their rows by an index', async () => {
  const { url, client } = await emptyDatabase()
  const { store, pool, clock, create, sweep } = openStore({ url, prefix: 'sess:' })
  await create()
  await client.query(
    `insert into sess_sessions
      select 'sess:' || encode(sha256(n::text::bytea), 'hex'), '', $1::bigint + n, repeat('x', 300)
      from generate_series(1, 5000) as n`,
    [clock.now() - 1000],
  )
  await client.query('analyze sess_sessions')
  const later = clock.now() + HOUR_MS
  const before = await countScans()
  const { token, version } = await store.create(recordOf({}), later)
  await store.load(token)
  await store.touch(token, later)
  await store.update(token, recordOf({}), later, version)
  await store.destroy(token)
  expect(await sweep(10)).toBe(10)
  const after = await countScans()
  expect(after.table).toBe(before.table)
  expect(after.expiry).toBe(before.expiry + 1)
  expect(after.key).toBeGreaterThanOrEqual(before.key + 5)

  async function countScans() {
    await pool.query('select pg_stat_force_next_flush()') // the one connection of the pool reports what it has done
    const { rows } = await client.query(
      `select seq_scan::int as table, pg_stat_get_numscans('sess_sessions_expires_at'::regclass)::int as expiry,
          pg_stat_get_numscans('sess_sessions_pkey'::regclass)::int as key
        from pg_stat_user_tables where relname = 'sess_sessions'`,
    )
    return rows[0] as { table: number; expiry: number; key: number }
  }
})

describe('a server in trouble', () => {
  const failure = { name: 'SessionStoreError', store: 'postgres' }
  const stopped = async ({ gate }: { gate: Gate }) => gate.stop()

  test('that is down is an error at once, and the next call after its return works', async () => {
    const opened = await openGatedStore()
    const token = await opened.create()
    await stopped(opened)
    await expect(opened.store.load(token)).rejects.toMatchObject({
      ...failure,
      cause: { code: 'ECONNREFUSED' }, // what the deadline says is another
    })
    await opened.gate.start()
    expect(await opened.store.load(token)).toHaveProperty('record')
  })

  test('that was down at the first call is used, and the table made, once it is back', async () => {
    const opened = await openGatedStore()
    await stopped(opened)
    await expect(opened.create()).rejects.toMatchObject(failure)
    await opened.gate.start()
    expect(await opened.store.load(await opened.create())).toHaveProperty('record')
  })

  test('that hangs is an error at the deadline, and works as soon as it answers again', async () => {
    const { store, pool, create, gate } = await openGatedStore()
    const token = await create()
    await warm(pool)
    gate.hang()
    const start = performance.now()
    const calls = Array.from({ length: 12 }, () => store.load(token))
    for (const result of await Promise.allSettled(calls))
      expect(result).toMatchObject({ status: 'rejected', reason: failure })
    expect(performance.now() - start).toBeLessThan(6 * TIMEOUT_MS) // one after another they would take 12
    await gate.start()
    expect(await store.load(token)).toHaveProperty('record')
  })

  test('that hangs while a connection is made is an error at the deadline', async () => {
    const { store, create, gate } = await openGatedStore()
    gate.hang()
    await expect(create()).rejects.toMatchObject(failure)
    await gate.start()
    expect(await store.load(await create())).toHaveProperty('record')
  })

  test('that answers too late is not waited for, and its answer not taken for that of the next query', async () => {
    const { pool } = await openGatedStore()
    await pool.query('select 1')
    await expect(pool.query("select pg_sleep(30), 'late' as answer")).rejects.toThrow()
    expect((await pool.query("select 'next' as answer")).rows).toEqual([{ answer: 'next' }])
    const running = `select query from pg_stat_activity
      where query like '%late%' and state = 'active' and pid <> pg_backend_pid()`
    await vi.waitFor(async () => expect((await admin.query(running)).rows).toEqual([]), { timeout: 20_000 })
  })

  test('that cut ten idle connections neither ends the process nor fails the next call', async () => {
    const { store, pool, create, gate } = await openGatedStore()
    const token = await create()
    await warm(pool)
    await gate.stop()
    await gate.start()
    expect(await store.load(token)).toHaveProperty('record')
  })

  test('that cut ten connections, before the pool noticed, fails neither a load nor the save after it', async () => {
    const { store, pool, clock, create } = openStore()
    const token = await create()
    await warm(pool)
    await cutUnheard(pool)
    const loaded = await store.load(token)
    if ('refused' in loaded) throw new Error(loaded.refused)
    const saved = store.update(token, recordOf({}), clock.now() + HOUR_MS, loaded.version)
    expect(await saved).toEqual({ token, version: expect.anything() })
  })

  test('that cut ten connections, before the pool noticed, fails a save rather than save twice', async () => {
    const { store, pool, clock, create } = openStore()
    const token = await create()
    const loaded = await store.load(token)
    if ('refused' in loaded) throw new Error(loaded.refused)
    await warm(pool)
    await cutUnheard(pool)
    await expect(
      store.update(token, recordOf({}), clock.now() + HOUR_MS, loaded.version),
    ).rejects.toMatchObject(failure)
  })

  test('shows no data of the session in the error', async () => {
    const { store, pool, clock } = openStore()
    await pool.query('select 1')
    const expiresAt = Number.MAX_VALUE // out of range for the column
    const error = await store.create(recordOf({ secret: 'hunter2' }), expiresAt).catch((reason) => reason)
    expect(error).toMatchObject({ ...failure, cause: { code: expect.stringMatching(/^22/) } })
    expect(`${error.stack} ${error.cause.stack} ${JSON.stringify(error.cause)}`).not.toContain('hunter2')
    expect((await store.create(recordOf({}), clock.now() + HOUR_MS)).token).toHaveLength(43)
  })

  test('that is down is a problem in an inspection', async () => {
    const opened = await openGatedStore()
    await stopped(opened)
    expect(await opened.store.inspect?.()).toEqual([
      { level: 'problem', text: expect.stringContaining('PostgreSQL cannot be used: ') },
    ])
  })

  /** Ends the pool's connections while this process is blocked, so that the pool cannot notice. */
  async function cutUnheard(pool: Pool): Promise<void> {
    await pool.query("select set_config('application_name', $1, false)", ['sess'])
    const script = `const client = new (require('pg').Client)(process.argv[1])
      client.connect().then(() => client.query(process.argv[2])).then(() => client.end())`
    const cut = `select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where application_name = 'sess' and datname = current_database()`
    execFileSync(process.execPath, ['-e', script, database.url, cut])
    expect(pool.idleCount).toBe(10)
  }
})
