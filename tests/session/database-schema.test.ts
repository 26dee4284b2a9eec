import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SessionStore } from '@/lib/session/core/store'
import { createPool, createPostgresStore } from '@/lib/session/stores/postgres'
import { createSqliteStore } from '@/lib/session/stores/sqlite'
import { followSqlite } from '@/lib/session/stores/sqlite/connection'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { newPostgresDatabase } from '../servers'

const now = Date.now
const prefix = 'sess:'
const records = createTestRecords(now)

let home: string
const closers: (() => unknown)[] = []

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sess-schema-'))
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(() => rm(home, { recursive: true, force: true }))

async function drizzleKit(args: string[], env: Record<string, string> = {}): Promise<string> {
  const command = ['node_modules/drizzle-kit/bin.cjs', ...args]
  const { stdout } = await promisify(execFile)(process.execPath, command, { env: { ...process.env, ...env } })
  return stdout
}

const migrate = (url: string) => drizzleKit(['migrate'], { DATABASE_URL: url })

/** Creates the table if the store may, and shows that a session can be stored in it. */
async function useOnce(store: SessionStore): Promise<void> {
  const record = { createdAt: now(), savedAt: now(), avoidTouch: false, data: new Map() }
  expect(await store.load((await store.create(record, now() + 60_000)).token)).toHaveProperty('record')
}

async function newSqlite() {
  const file = join(await mkdtemp(join(home, 'sqlite-')), 'data', 'sessions.db')
  const use = async (createTable: boolean) => {
    const connection = await followSqlite(file, { timeoutMs: 1000, warn: () => {} })
    closers.push(() => connection.close())
    const client = connection.current
    await useOnce(createSqliteStore({ client, prefix, records, createTable, timeoutMs: 1000, now }))
  }
  const describe = () => {
    const client = new Database(file)
    closers.push(() => client.close())
    return {
      columns: client.pragma('table_xinfo(sess_sessions)'),
      indexes: client.pragma('index_list(sess_sessions)'),
      indexed: client.pragma('index_xinfo(sess_sessions_expires_at)'),
    }
  }
  return { url: `file:${file}`, file, use, describe }
}

async function newPostgres() {
  const { url, drop } = await newPostgresDatabase()
  closers.push(drop)
  const client = new Client({ connectionString: url })
  await client.connect()
  closers.push(() => client.end())
  const use = async (createTable: boolean) => {
    const pool = createPool({ url, timeoutMs: 10_000 })
    closers.push(() => pool.end())
    await useOnce(createPostgresStore({ pool, prefix, records, createTable, now }))
  }
  const rows = async (query: string) => (await client.query(query)).rows
  const describe = async () => ({
    columns: await rows(
      `select column_name, ordinal_position, data_type, is_nullable, column_default, collation_name
        from information_schema.columns where table_name = 'sess_sessions' order by ordinal_position`,
    ),
    indexes: await rows(
      "select indexname, indexdef from pg_indexes where tablename = 'sess_sessions' order by 1",
    ),
  })
  return { url, use, describe }
}

describe.each([
  ['SQLite', newSqlite],
  ['PostgreSQL', newPostgres],
])('on %s', (_name, newDatabase) => {
  test('the migrations and the first use of the store create the same table and index', async () => {
    const [migrated, used] = [await newDatabase(), await newDatabase()]
    await migrate(migrated.url)
    await used.use(true)
    const table = await migrated.describe()
    expect(table.columns).toHaveLength(4)
    expect(table.indexes).toHaveLength(2)
    expect(await used.describe()).toEqual(table)
  })

  test('the store works on a table of the migrations and need not create it', async () => {
    const database = await newDatabase()
    await migrate(database.url)
    await database.use(false)
    await database.use(true)
  })

  test('the migrations accept a table that the store created, and can run twice', async () => {
    const database = await newDatabase()
    await database.use(true)
    const before = await database.describe()
    await migrate(database.url)
    await migrate(database.url)
    expect(await database.describe()).toEqual(before)
  })
})

test('migrations create the SQLite file for its owner only', async () => {
  const { url, file } = await newSqlite()
  await migrate(url)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(join(file, '..'))).mode & 0o777).toBe(0o700)
})

test.each([
  ['sqlite', 'sqlite'],
  ['postgres', 'postgresql'],
])('the migrations in drizzle/%s are in step with the schema', async (folder, dialect) => {
  const copy = join(home, folder)
  await cp(join('drizzle', folder), copy, { recursive: true })
  const before = await readdir(copy, { recursive: true })
  const schema = 'lib/session/stores/sql/table.ts'
  const out = relative('.', copy) // it takes no absolute path
  const said = await drizzleKit(['generate', '--dialect', dialect, '--schema', schema, '--out', out])
  expect(said).toContain('No schema changes')
  expect(await readdir(copy, { recursive: true })).toEqual(before)
})
