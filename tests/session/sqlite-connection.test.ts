import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '@/lib/session/config/config'
import { createKeyring } from '@/lib/session/core/keys'
import type { SessionRecord } from '@/lib/session/core/store'
import { canInspect } from '@/lib/session/stores/abilities'
import { findIgnoreWarning } from '@/lib/session/stores/disk/ignored'
import { guardStore } from '@/lib/session/stores/guard'
import { findStoreProblems, openStore as openConfigured } from '@/lib/session/stores/open'
import { createSqliteStore } from '@/lib/session/stores/sqlite'
import { followSqlite } from '@/lib/session/stores/sqlite/connection'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords, TEST_SECRET } from '@/lib/session/testing/test-records'
import { compiled } from '../compiled'

const HOUR_MS = 3_600_000
const TIMEOUT_MS = 1000

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sess-sqlite-file-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function openStore(file: string) {
  const clock = createFakeClock()
  const warnings: string[] = []
  const connection = await followSqlite(file, { timeoutMs: TIMEOUT_MS, warn: (text) => warnings.push(text) })
  onTestFinished(() => connection.close())
  const store = guardStore(
    createSqliteStore({
      client: connection.current,
      prefix: 'sess:',
      records: createTestRecords(clock.now),
      createTable: true,
      timeoutMs: TIMEOUT_MS,
      now: clock.now,
    }),
    600_000,
  )
  const record: SessionRecord = { createdAt: 1, savedAt: 1, avoidTouch: false, data: new Map() }
  return { store, warnings, create: async () => (await store.create(record, clock.now() + HOUR_MS)).token }
}

/** As a watcher in the server's own process does: POSIX drops every lock that this process has on the file. */
function lookAt(file: string): void {
  for (const name of [file, `${file}-wal`, `${file}-shm`]) closeSync(openSync(name, 'r'))
}

/** Another process that uses the file and closes it, as a migration or the sweep of an operator does. */
function openElsewhere(file: string): void {
  const script = `const db = new (require('better-sqlite3'))(process.argv[1])
    db.prepare('select count(*) from sess_sessions').get()
    db.close()`
  execFileSync(process.execPath, ['-e', script, file])
}

const keysIn = (file: string) => {
  const client = new Database(file)
  const count = client.prepare('select count(*) from sess_sessions').pluck().get()
  client.close()
  return count
}

const WORKER = compiled('tests/session/sqlite-file-worker.ts')

/** A server in a process of its own, which obeys line by line. */
function startServer(file: string) {
  const child: ChildProcess = spawn(process.execPath, [WORKER, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (!child.stdout) throw new Error('the process has no output')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (what: 'save' | 'look') => {
    child.stdin?.write(`${what}\n`)
    return (await lines.next()).value as string
  }
  return { ask, kill: () => new Promise((done) => child.once('exit', done) && child.kill('SIGKILL')) }
}

test('sessions that were saved survive a watcher, a second process and kill -9', async () => {
  const file = join(await newFolder(), 'data', 'sessions.db')
  const server = startServer(file)
  expect(await server.ask('save')).toBe('saved')
  expect(await server.ask('look')).toBe('looked')
  openElsewhere(file) // takes itself for the last one, and deletes the log
  for (let n = 0; n < 3; n++) expect(await server.ask('save')).toBe('saved')
  await server.kill()
  expect(keysIn(file)).toBe(4)
})

describe('a log that another process deleted', () => {
  test('is noticed before the next use: no session is lost, and it is reported once', async () => {
    const file = join(await newFolder(), 'sessions.db')
    const { store, warnings, create } = await openStore(file)
    const first = await create()
    for (let round = 1; round <= 2; round++) {
      lookAt(file)
      openElsewhere(file)
      expect(await store.load(first)).toHaveProperty('record')
      expect(await store.load(await create())).toHaveProperty('record')
      expect(warnings).toHaveLength(round)
      expect(warnings[0]).toMatch(/deleted the log .*-wal.*\.gitignore/)
    }
    openElsewhere(file) // the locks hold
    expect(await store.load(await create())).toHaveProperty('record')
    expect(warnings).toHaveLength(2)
  })
})

describe('a file', () => {
  test('that is deleted under the server is created again, and reported', async () => {
    const file = join(await newFolder(), 'data', 'sessions.db')
    const { store, warnings, create } = await openStore(file)
    const gone = await create()
    await rm(dirname(file), { recursive: true })
    expect(await store.load(gone)).toEqual({ refused: 'unknown' })
    expect(warnings).toEqual([expect.stringMatching(/was deleted under the server.*are gone/)])
    expect(await store.load(await create())).toHaveProperty('record')
    expect(keysIn(file)).toBe(1)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(warnings).toHaveLength(1)
  })

  test('that is deleted without its log is created again', async () => {
    const file = join(await newFolder(), 'sessions.db')
    const { store, warnings, create } = await openStore(file)
    await create()
    await rm(file)
    expect(await store.load(await create())).toHaveProperty('record')
    expect(keysIn(file)).toBe(1)
    expect(warnings).toHaveLength(1)
  })

  test('that is replaced by another database is used from then on, and reported', async () => {
    const folder = await newFolder()
    const [file, other] = [join(folder, 'sessions.db'), join(folder, 'restored.db')]
    const restored = await openStore(other)
    const kept = await restored.create()
    openElsewhere(other)
    const { store, warnings, create } = await openStore(file)
    await create()
    const source = new Database(other)
    await source.backup(join(folder, 'copy.db'))
    source.close()
    for (const suffix of ['-wal', '-shm']) await rm(file + suffix, { force: true })
    await rename(join(folder, 'copy.db'), file)
    expect(await store.load(kept)).toHaveProperty('record')
    expect(warnings).toEqual([expect.stringContaining('was replaced under the server')])
  })

  test('that cannot be created again is an error of each call, until it can', async () => {
    const folder = await newFolder()
    const file = join(folder, 'data', 'sessions.db')
    const { store, create } = await openStore(file)
    const token = await create()
    await rename(dirname(file), join(folder, 'away'))
    await writeFile(dirname(file), 'a file where the directory was')
    for (const _ of [1, 2])
      await expect(store.load(token)).rejects.toMatchObject({ name: 'SessionStoreError' })
    await rm(dirname(file))
    await rename(join(folder, 'away'), dirname(file))
    expect(await store.load(token)).toHaveProperty('record')
  })
})

describe('the start', () => {
  async function start(file: string, env: Record<string, string> = {}) {
    const all = {
      SESSION_SECRET: TEST_SECRET,
      SESSION_STORE: 'database',
      DATABASE_URL: `file:${file}`,
      ...env,
    }
    const warnings: string[] = []
    const keyring = createKeyring([TEST_SECRET], 'sess')
    const warn = (text: string) => warnings.push(text)
    return {
      problems: await findStoreProblems({ config: readConfig(all), keyring, now: Date.now, warn }),
      warnings,
    }
  }

  test('of a file in a directory that everyone can write stops, and says what to run', async () => {
    const folder = await newFolder()
    await chmod(folder, 0o777)
    const { problems } = await start(join(folder, 'sessions.db'))
    expect(problems).toEqual([expect.stringMatching(`${folder} has mode 0777.*chmod 700 '${folder}'`)])
    await chmod(folder, 0o770)
    expect(await start(join(folder, 'sessions.db'))).toEqual({
      problems: [],
      warnings: [expect.stringContaining('has mode 0770')],
    })
  })

  test('of a file that others can write stops where they can reach it', async () => {
    const folder = await newFolder()
    const file = join(folder, 'sessions.db')
    await writeFile(file, '')
    await chmod(file, 0o666)
    expect((await start(file)).problems).toEqual([])
    await chmod(folder, 0o755)
    expect((await start(file)).problems).toEqual([
      expect.stringMatching(`has mode 0666.*chmod 600 '${file}'`),
    ])
  })

  test('of a file whose log is a link stops, and nothing is written through it', async () => {
    const folder = await newFolder()
    const file = join(folder, 'sessions.db')
    await writeFile(join(folder, 'elsewhere'), 'theirs')
    await start(file)
    const client = new Database(file)
    client.exec('create table theirs (id text)')
    client.close()
    await symlink(join(folder, 'elsewhere'), `${file}-wal`)
    const { problems } = await start(file)
    expect(problems).toHaveLength(1)
    expect((await stat(join(folder, 'elsewhere'))).size).toBe(6)
  })
})

test.each([
  [
    'SQLite',
    (folder: string) => ({ SESSION_STORE: 'database', DATABASE_URL: `file:${folder}/data/sessions.db` }),
  ],
  ['file', (folder: string) => ({ SESSION_STORE: 'file', SESSION_FILE_DIR: `${folder}/data` })],
] as const)(
  'in development the start of the %s store warns when git does not ignore the directory, and in production not',
  async (_name, envOf) => {
    const folder = await newFolder()
    vi.spyOn(process, 'cwd').mockReturnValue(folder)
    const start = async (NODE_ENV: string) => {
      const config = readConfig({ SESSION_SECRET: TEST_SECRET, NODE_ENV, ...envOf(folder) })
      const warnings: string[] = []
      const keyring = createKeyring([TEST_SECRET], 'sess')
      const context = { config, keyring, now: Date.now, warn: (text: string) => warnings.push(text) }
      expect(await findStoreProblems(context)).toEqual([])
      const store = await openConfigured(context)
      const found = canInspect(store) ? await store.inspect() : []
      await store.close()
      return { warnings, found: found.filter(({ text }) => text.includes('not ignored by git')) }
    }
    const { warnings, found } = await start('development')
    expect(warnings).toEqual([
      expect.stringMatching(/not ignored by git.*Add this line to \.gitignore: \/data\//),
    ])
    expect(found).toHaveLength(1)
    expect(await start('production')).toEqual({ warnings: [], found: [] })
    await writeFile(join(folder, '.gitignore'), 'data/\n')
    expect(await start('development')).toEqual({ warnings: [], found: [] })
  },
)

describe('a directory of sessions in the project', () => {
  test.each([
    ['/data/\n', 'data', true],
    ['data\n', 'data/sessions', true],
    ['# data/\n', 'data', false],
    ['', 'data', false],
    ['data/\n!data/\n', 'data', false],
    ['*.db\n', 'data', false],
    ['*.db\n/da?a  \r\n', 'data', true],
    ['var/**/sessions\n', 'var/a/b/sessions', true],
    ['/sessions\n', 'var/sessions', false],
    ['sess[io]ons/\n', 'var/sessions', true],
    ['*\n', 'data', true],
    ['data/\n', '.', false],
  ])('with %j in .gitignore: %s is ignored: %s', async (lines, directory, isIgnored) => {
    const project = await newFolder()
    await writeFile(join(project, '.gitignore'), lines)
    const warning = findIgnoreWarning(join(project, directory), project)
    expect(warning === undefined).toBe(isIgnored)
    if (!isIgnored)
      expect(warning).toContain(directory === '.' ? 'a directory of their own' : `/${directory}/`)
  })

  test('is looked up from the root of the repository; outside of one there is no warning', async () => {
    const root = await newFolder()
    const project = join(root, 'apps', 'web')
    await mkdir(project, { recursive: true })
    await mkdir(join(root, '.git'))
    expect(findIgnoreWarning(join(project, 'data'), project)).toContain('/data/')
    await writeFile(join(root, '.gitignore'), 'data/\n')
    expect(findIgnoreWarning(join(project, 'data'), project)).toBeUndefined()
    expect(findIgnoreWarning(join(tmpdir(), 'data'), project)).toBeUndefined()
  })
})
