import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '@/lib/session/config/config'
import { createKeyring } from '@/lib/session/core/keys'
import type { SessionRecord } from '@/lib/session/core/store'
import { encodeValue } from '@/lib/session/core/values'
import { guardStore } from '@/lib/session/stores/guard'
import { findStoreProblems } from '@/lib/session/stores/open'
import { createSqliteStore } from '@/lib/session/stores/sqlite'
import { followSqlite } from '@/lib/session/stores/sqlite/connection'
import { storageKey } from '@/lib/session/stores/tokens'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords, TEST_SECRET } from '@/lib/session/testing/test-records'

const HOUR_MS = 3_600_000
const TIMEOUT_MS = 1000

let home: string
const clients: Database.Database[] = []

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sess-sqlite-'))
})
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(() => rm(home, { recursive: true, force: true }))

const openSqlite = async (file: string) =>
  (await followSqlite(file, { timeoutMs: TIMEOUT_MS, warn: () => {} })).current()

const newFile = async () => join(await mkdtemp(join(home, 'store-')), 'data', 'sessions.db')

async function openStore(options: {
  file?: string
  prefix?: string
  createTable?: boolean
  maxBytes?: number
  clock?: ReturnType<typeof createFakeClock>
}) {
  const { prefix = 'sess:', createTable = true, maxBytes, clock = createFakeClock() } = options
  const file = options.file ?? (await newFile())
  const client = await openSqlite(file)
  clients.push(client)
  const records = createTestRecords(clock.now, { maxBytes })
  const store = guardStore(
    createSqliteStore({
      client: () => client,
      prefix,
      records,
      createTable,
      timeoutMs: TIMEOUT_MS,
      now: clock.now,
    }),
    600_000,
  )
  const create = async (data: Record<string, unknown> = {}) =>
    (await store.create(recordOf(data), clock.now() + HOUR_MS)).token
  const sweep = (limit = 100) => store.sweep?.(clock.now(), limit)
  return { store, client, file, clock, create, sweep }
}

function recordOf(data: Record<string, unknown>): SessionRecord {
  const texts = Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)] as const)
  return { createdAt: 1, savedAt: 1, avoidTouch: false, data: new Map(texts) }
}

/** Runs as the user `nobody` where the tests run as root, whom no permission stops. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

/** A connection of another process, which does not wait for a lock. */
function another(file: string): Database.Database {
  const client = new Database(file, { timeout: 0 })
  clients.push(client)
  return client
}

describe('the SQLite store', () => {
  test('keeps 2 MB where SESSION_MAX_BYTES allows them, and texts with U+0000 and half a surrogate pair', async () => {
    const { store, create } = await openStore({ maxBytes: 3_000_000 })
    const data = { large: 'x'.repeat(2_000_000), 'n\0l': 'a\0b', half: '\ud800' }
    expect(await store.load(await create(data))).toMatchObject({ record: recordOf(data) })
  })

  test('counts the sessions that live and those that are not yet swept, its own only', async () => {
    const { store, file, clock, create } = await openStore({})
    const other = await openStore({ file, clock, prefix: 'sess:b:' })
    await Promise.all([create(), create(), other.create()])
    clock.advance({ ms: HOUR_MS })
    await create()
    expect(await store.count?.()).toEqual({ live: 1, expired: 2 })
  })
})

describe('the file', () => {
  test('and its directory are for the owner only, those that SQLite adds too', async () => {
    const { file, create } = await openStore({})
    await create()
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
    expect(await mode(join(file, '..'))).toBe('700')
    for (const suffix of ['', '-wal', '-shm']) expect(await mode(file + suffix), suffix).toBe('600')
  })

  test('keeps the permissions that an operator gave it, and an inspection warns of them', async () => {
    const { store, file, create } = await openStore({})
    await create()
    await chmod(file, 0o644)
    await openStore({ file })
    expect((await stat(file)).mode & 0o777).toBe(0o644)
    expect(await store.inspect?.()).toContainEqual({
      level: 'warning',
      text: expect.stringContaining('(0644); run: chmod 600'),
    })
  })

  test('survives a power cut: every commit is flushed', async () => {
    const { client } = await openStore({})
    expect(client.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(client.pragma('synchronous', { simple: true })).toBe(2)
  })

  test('that is no database, or no file, or in no directory, is an error that says so', async () => {
    const directory = await mkdtemp(join(home, 'store-'))
    const junk = join(directory, 'junk.db')
    await writeFile(junk, 'no database, and long enough to be read as one '.repeat(100))
    await expect(openSqlite(junk)).rejects.toThrow('file is not a database')
    expect(await readFile(junk, 'utf8')).toContain('no database')
    await expect(openSqlite(join(junk, 'sessions.db'))).rejects.toThrow('EEXIST')
    await expect(openSqlite(directory)).rejects.toThrow('unable to open database file')
  })

  test('that cannot be opened is a problem of the configuration, named at the start', async () => {
    const file = join(await mkdtemp(join(home, 'store-')), 'junk.db')
    await writeFile(file, 'no database, and long enough to be read as one '.repeat(100))
    const env = { SESSION_SECRET: TEST_SECRET, SESSION_STORE: 'database', DATABASE_URL: `file:${file}` }
    const keyring = createKeyring([TEST_SECRET], 'sess')
    expect(await findStoreProblems({ config: readConfig(env), keyring, now: Date.now })).toEqual([
      `The SQLite file ${file} cannot be opened: file is not a database`,
    ])
  })

  test('in a directory that cannot be written is an error that names it', async () => {
    const directory = await mkdtemp(join(home, 'store-'))
    await chmod(home, 0o755)
    await chmod(directory, 0o555)
    const opening = await asNobody(() => openSqlite(join(directory, 'sessions.db')).catch(String))
    expect(opening).toMatch(/EACCES: permission denied.*store-/)
  })

  test('is created with its table once when eight stores open it at the same time', async () => {
    const file = await newFile()
    const clock = createFakeClock()
    const opened = await Promise.all(Array.from({ length: 8 }, () => openStore({ file, clock })))
    const tokens = await Promise.all(opened.map(({ create }) => create()))
    for (const token of tokens) expect(await opened[0]?.store.load(token)).toHaveProperty('record')
  })
})

describe('the table', () => {
  test('that was dropped is an error once, and then created again', async () => {
    const { store, client, create } = await openStore({})
    const token = await create()
    client.exec('drop table sess_sessions')
    await expect(store.load(token)).rejects.toMatchObject({
      name: 'SessionStoreError',
      cause: { message: 'no such table: sess_sessions' },
    })
    expect(await store.load(token)).toEqual({ refused: 'unknown' })
    expect(await store.load(await create())).toHaveProperty('record')
  })

  test('is never created when the app may not create it', async () => {
    const { client, create } = await openStore({ createTable: false })
    for (const _ of [1, 2]) await expect(create()).rejects.toMatchObject({ name: 'SessionStoreError' })
    expect(client.prepare('select * from sqlite_schema').all()).toEqual([])
  })

  test('is created by the statements that inspect names', async () => {
    const { store, client, create } = await openStore({ createTable: false })
    const findings = (await store.inspect?.()) ?? []
    const [, statements = ''] = findings.flatMap(
      ({ text }) => text.match(/ is missing\. To make it, run: (.+)/) ?? [],
    )
    client.exec(statements)
    expect(await store.load(await create())).toHaveProperty('record')
    expect(await store.inspect?.()).toContainEqual({ level: 'ok', text: 'The index on expires_at exists.' })
  })

  test('holds whole numbers for times and no token, nor the hash of one without the prefix', async () => {
    const { client, clock, create } = await openStore({})
    const token = await create({ user: 'ada' })
    const rows = client.prepare('select *, typeof(expires_at) as type from sess_sessions').all()
    expect(rows).toEqual([
      expect.objectContaining({
        key: `sess:${storageKey(token)}`,
        expires_at: clock.now() + HOUR_MS,
        type: 'integer',
      }),
    ])
    expect(JSON.stringify(rows)).not.toContain(token)
  })

  test('with junk in a row refuses that session and throws no error', async () => {
    const { store, client, create } = await openStore({})
    const token = await create()
    const set = (column: string, value: unknown) =>
      client.prepare(`update sess_sessions set ${column} = ?`).run(value)
    for (const junk of ['', '{', 'null', '[]', '{"v":99}', Buffer.from([0xff, 0]), 7]) {
      set('record', junk)
      expect(await store.load(token), String(junk)).toEqual({ refused: 'malformed' })
    }
    for (const junk of ['soon', 8.64e15 + 1, 1e300, -1]) {
      set('expires_at', junk)
      expect(await store.load(token), String(junk)).toEqual({ refused: 'malformed' })
    }
  })

  test('with a record that was edited, or is a copy of another session, refuses it', async () => {
    const { store, client, create } = await openStore({})
    const [ada, eve] = [await create({ user: 'ada' }), await create({ user: 'eve' })]
    const key = (token: string) => `sess:${storageKey(token)}`
    client
      .prepare(
        'update sess_sessions set record = (select record from sess_sessions where key = ?) where key = ?',
      )
      .run(key(ada), key(eve))
    expect(await store.load(eve)).toEqual({ refused: 'forged' })
    client
      .prepare("update sess_sessions set record = replace(record, 'ada', 'eve') where key = ?")
      .run(key(ada))
    expect(await store.load(ada)).toEqual({ refused: 'forged' })
  })

  test('holds of a session that ended a mark without data, which is swept when it is over', async () => {
    const { store, client, clock, create, sweep } = await openStore({})
    const token = await create({ user: 'ada' })
    await store.destroy(token)
    const mark = {
      key: `sess:${storageKey(token)}`,
      version: 'ended',
      expires_at: clock.now() + 60_000,
      record: '',
    }
    const rows = () => client.prepare('select * from sess_sessions').all()
    expect(rows()).toEqual([mark])
    clock.advance({ ms: 59_999 })
    expect(await sweep()).toBe(0)
    clock.advance({ ms: 1 })
    expect(await sweep()).toBe(1)
    expect(rows()).toEqual([])
  })

  test('keeps the epoch however often it is swept, also where a shorter prefix could take it for a session', async () => {
    const prefix = `a${'b'.repeat(59)}`
    const { store, file, clock, create } = await openStore({ prefix })
    const other = await openStore({ file, clock, prefix: 'a' })
    const [token, dead] = [await create(), await create()]
    await store.destroyAll()
    await other.store.destroyAll()
    await other.sweep()
    expect(await other.store.count?.()).toEqual({ live: 0, expired: 0 })
    for (const each of [token, dead]) expect(await store.load(each)).toEqual({ refused: 'unknown' })
    const alive = await create()
    await other.store.destroyAll()
    expect(await store.load(alive)).toHaveProperty('record')
  })

  test('is inspected without being created: complete, without its index, or of another shape', async () => {
    const { store, client, create } = await openStore({})
    expect((await store.inspect?.())?.filter(({ level }) => level !== 'ok')).toEqual([])
    expect(client.prepare('select * from sqlite_schema').all()).toEqual([])
    await create()
    expect(await store.inspect?.()).toContainEqual({
      level: 'ok',
      text: 'The index on expires_at exists.',
    })
    client.exec('drop index sess_sessions_expires_at')
    expect(await store.inspect?.()).toContainEqual(expect.objectContaining({ level: 'warning' }))
    client.exec('drop table sess_sessions; create table sess_sessions (key text, version integer)')
    expect(await store.inspect?.()).toContainEqual({
      level: 'problem',
      text: expect.stringContaining('it lacks: version text, expires_at integer, record text'),
    })
  })
})

describe('two connections', () => {
  test('see the saves of each other', async () => {
    const one = await openStore({})
    const two = await openStore({ file: one.file, clock: one.clock })
    const token = await one.create({ by: 'one' })
    const loaded = await two.store.load(token)
    if ('refused' in loaded) throw new Error(loaded.refused)
    const save = (by: string, version: unknown) =>
      two.store.update(token, recordOf({ by }), two.clock.now() + HOUR_MS, version)
    expect(await save('two', loaded.version)).toEqual({ token, version: expect.anything() })
    expect(await one.store.load(token)).toMatchObject({ record: recordOf({ by: 'two' }) })
  })

  test('of two processes see the saves of each other', async () => {
    const { store, file, clock, create } = await openStore({})
    const token = await create({ by: 'one' })
    const script = `const db = new (require('better-sqlite3'))(process.argv[1])
      db.prepare("update sess_sessions set version = 'x', expires_at = expires_at + 1").run()`
    await promisify(execFile)(process.execPath, ['-e', script, file])
    expect(await store.load(token)).toMatchObject({ version: 'x', expiresAt: clock.now() + HOUR_MS + 1 })
  })

  test('wait for each other without keeping the process from anything else', async () => {
    const { store, file, create, clock } = await openStore({})
    const token = await create()
    const other = another(file)
    other.exec('begin exclusive')
    const saving = create()
    let turns = 0
    const timer = setInterval(() => {
      if (++turns === 5) other.exec('commit')
    }, 1)
    expect(await store.load(await saving)).toHaveProperty('record')
    clearInterval(timer)
    expect(turns).toBeGreaterThanOrEqual(5)
    expect(await store.touch(token, clock.now() + HOUR_MS)).toBe(true)
  })

  test('a session that ends while its touch waits is not brought back', async () => {
    const { store, file, create, clock } = await openStore({})
    const token = await create()
    const other = another(file)
    other.exec('begin exclusive')
    const touching = store.touch(token, clock.now() + 2 * HOUR_MS)
    clock.advance({ ms: HOUR_MS })
    other.exec('commit')
    expect(await touching).toBe(false)
    expect(await store.load(token)).toEqual({ refused: 'expired' })
  })

  test('a lock that is not given back is an error within the time-out; reading goes on', async () => {
    const { store, file, create, clock } = await openStore({})
    const token = await create()
    const other = another(file)
    other.exec('begin exclusive')
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const start = performance.now()
    await expect(store.touch(token, clock.now() + HOUR_MS)).rejects.toMatchObject({
      name: 'SessionStoreError',
      operation: 'touch a session',
      cause: { code: 'SQLITE_BUSY' },
    })
    expect(performance.now() - start).toBeLessThan(10 * TIMEOUT_MS)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(10)
    expect(await store.load(token)).toHaveProperty('record')
    other.exec('rollback')
    expect(await store.touch(token, clock.now() + HOUR_MS)).toBe(true)
  })
})

describe('other apps in the same file', () => {
  test('keep their rows and tables when everyone is logged out here and the expired are swept', async () => {
    const opened = await openStore({ prefix: 'a_' })
    const { store, client, file, clock, create, sweep } = opened
    const prefixes = ['a_b:', 'ab', 'A_', '%', 'a']
    const others = await Promise.all(prefixes.map((prefix) => openStore({ file, clock, prefix })))
    await Promise.all([create(), ...others.map((other) => other.create())])
    client.exec(`create table sessions (id text); insert into sessions values ('theirs');
      insert into sess_sessions values ('a_theirs', '', 0, '')`)
    clock.advance({ ms: HOUR_MS })
    expect(await sweep()).toBe(1)
    await create()
    await store.destroyAll()
    const count = (table: string) => client.prepare(`select count(*) from ${table}`).pluck().get()
    // theirs, and the epoch that ended ours
    expect([count('sess_sessions'), count('sessions')]).toEqual([prefixes.length + 2, 1])
  })

  test('more sessions than fit in one batch all end', async () => {
    const { store, client, create, clock } = await openStore({})
    await create()
    client
      .prepare(
        `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 1700)
          insert into sess_sessions select 'sess:' || printf('%064d', n), '', ?, '' from numbers`,
      )
      .run(clock.now() + HOUR_MS)
    await store.destroyAll()
    expect(client.prepare('select key from sess_sessions').pluck().all()).toEqual(['sess:epoch'])
  })
})

describe('a sweep', () => {
  test('removes the expired in bounded batches, the oldest first, and nothing else', async () => {
    const { store, create, clock, sweep } = await openStore({})
    for (let i = 0; i < 5; i++) await create()
    clock.advance({ ms: HOUR_MS })
    const live = await create()
    expect([await sweep(2), await sweep(2), await sweep(2), await sweep(2)]).toEqual([2, 2, 1, 0])
    expect(await store.load(live)).toHaveProperty('record')
  })

  test('twice at once counts each session once, and a touched one survives', async () => {
    const one = await openStore({})
    const two = await openStore({ file: one.file, clock: one.clock })
    const tokens = await Promise.all(Array.from({ length: 40 }, () => one.create()))
    const touched = tokens[0] ?? ''
    await one.store.touch(touched, one.clock.now() + 2 * HOUR_MS)
    one.clock.advance({ ms: HOUR_MS })
    const removed = await Promise.all([one.sweep(), two.sweep()])
    expect(removed.reduce<number>((sum, n) => sum + (n ?? 0), 0)).toBe(39)
    expect(await two.store.load(touched)).toHaveProperty('record')
  })
})

test('requests and sweeps find their rows by an index, and sort nothing', async () => {
  const { file, clock } = await openStore({})
  const statements: string[] = []
  const client = new Database(file, { timeout: 0, verbose: (text) => statements.push(String(text)) })
  clients.push(client)
  const store = createSqliteStore({
    client: () => client,
    prefix: 'sess:',
    records: createTestRecords(clock.now),
    createTable: true,
    timeoutMs: TIMEOUT_MS,
    now: clock.now,
  })
  const later = clock.now() + HOUR_MS
  await store.sweep?.(clock.now(), 10) // the first use creates the table
  const plansOf = async (work: () => Promise<unknown>) => {
    statements.length = 0
    await work()
    const plans = statements
      .splice(0)
      .map((text) => client.prepare<[], { detail: string }>(`explain query plan ${text}`).all())
    return plans.flat().map(({ detail }) => detail)
  }
  const request = await plansOf(async () => {
    const { token, version } = await store.create(recordOf({}), later)
    await store.load(token)
    await store.touch(token, later)
    await store.update(token, recordOf({}), later, version)
    await store.destroy(token)
  })
  const sweep = await plansOf(async () => store.sweep?.(clock.now(), 10))
  expect(request).toContainEqual(expect.stringMatching(/INDEX sqlite_autoindex_sess_sessions_1 \(key=\?\)/))
  expect(sweep).toContainEqual(expect.stringContaining('INDEX sess_sessions_expires_at (expires_at<?)'))
  expect([...request, ...sweep].filter((detail) => /SCAN (sess|epoch)|TEMP B-TREE/.test(detail))).toEqual([])
})
