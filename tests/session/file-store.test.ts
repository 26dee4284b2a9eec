import { randomBytes } from 'node:crypto'
import {
  chmod,
  lutimes,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ENDED_MS } from '@/lib/session/core/limits'
import type { SessionRecord } from '@/lib/session/core/store'
import { decodeValue, encodeValue } from '@/lib/session/core/values'
import { createFileStore, type FileStore } from '@/lib/session/stores/file'
import { guardStore } from '@/lib/session/stores/guard'
import { storageKey } from '@/lib/session/stores/tokens'
import { createFakeClock, type FakeClock } from '@/lib/session/testing/fake-clock'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { createTestSite } from '@/lib/session/testing/test-site'
import { SECRET } from './backends'
import { runProcess } from './processes'
import type { WorkerTask } from './store-worker'

// The real functions, which a test can make fail or stand still for once.
vi.mock('node:fs/promises', { spy: true })
const plain = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')

const HOUR_MS = 3_600_000
const LONG_AGO = new Date(0)
let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sess-file-store-'))
  await chmod(home, 0o755) // a worker that gave up its rights passes through
})

afterAll(() => rm(home, { recursive: true, force: true }))

// `restoreMocks` restores spies that a test made, not those of a module.
afterEach(() => {
  for (const spy of [readdir, rename, lutimes]) vi.mocked(spy).mockReset()
})

interface Opened {
  readonly directory: string
  readonly clock: FakeClock
  readonly store: FileStore & Required<Pick<FileStore, 'sweep'>>
}

async function openStore(directory?: string): Promise<Opened> {
  const place = directory ?? join(await mkdtemp(join(home, 'store-')), 'sessions')
  return another({ directory: place, clock: createFakeClock() })
}

/** The same directory as another process, or another module instance, has it open. */
function another({ directory, clock }: Pick<Opened, 'directory' | 'clock'>): Opened {
  const store = createFileStore({
    directory,
    records: createTestRecords(clock.now, { secret: SECRET }),
    now: clock.now,
  })
  if (!store.sweep) throw new Error('the file store sweeps')
  return { directory, clock, store: guardStore({ ...store, sweep: store.sweep }, 600_000) }
}

function recordOf(data: Record<string, unknown>): SessionRecord {
  const texts = Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)] as const)
  return { createdAt: 1, savedAt: 1, avoidTouch: false, data: new Map(texts) }
}

async function create({ store, clock }: Opened, data: Record<string, unknown> = {}): Promise<string> {
  return (await store.create(recordOf(data), clock.now() + HOUR_MS)).token
}

async function loaded({ store }: Opened, token: string) {
  const result = await store.load(token)
  if ('refused' in result) throw new Error(`refused: ${result.refused}`)
  const data: Record<string, unknown> = Object.fromEntries(
    [...result.record.data].map(([key, text]) => [key, decodeValue(text)]),
  )
  return { ...result, data }
}

async function save(opened: Opened, token: string, data: Record<string, unknown>) {
  const { version } = await loaded(opened, token)
  return opened.store.update(token, recordOf(data), opened.clock.now() + HOUR_MS, version)
}

function fileOf({ directory }: Opened, token: string): string {
  const key = storageKey(token)
  return join(directory, key.slice(0, 2), `${key}.session.json`)
}

/** Every file in the store, directories left out. */
async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Puts a lock there as a process leaves it that ended while it held one. */
async function leaveLock(file: string): Promise<string> {
  await mkdir(`${file}.lock`)
  await writeFile(join(`${file}.lock`, 'crashed'), 'half a rec')
  return `${file}.lock`
}

type Task = Omit<WorkerTask, 'nowMs'> & { readonly limitBlocks?: number }

/** What another process on the same directory answers. */
function run({ directory, clock }: Opened, { limitBlocks, ...task }: Task): Promise<Record<string, unknown>> {
  const env = { SESSION_STORE: 'file', SESSION_FILE_DIR: directory }
  return runProcess(env, { ...task, nowMs: clock.now() }, limitBlocks)
}

describe('a record', () => {
  test('expires at the very millisecond it was given, whichever it is', async () => {
    const opened = await openStore()
    const token = await create(opened)
    const times = fc.integer({ min: opened.clock.now() + 1, max: Date.UTC(2400, 0, 1) })
    await fc.assert(
      fc.asyncProperty(times, async (expiresAt) => {
        await opened.store.touch(token, expiresAt)
        expect((await loaded(opened, token)).expiresAt).toBe(expiresAt)
        const { token: other } = await opened.store.create(recordOf({}), expiresAt)
        expect((await loaded(opened, other)).expiresAt).toBe(expiresAt)
      }),
    )
  })

  test('of a megabyte comes back whole', async () => {
    const opened = await openStore()
    const token = await create(opened)
    const big = randomBytes(750_000).toString('base64')
    await save(opened, token, { big })
    expect((await loaded(opened, token)).data).toEqual({ big })
  })

  test.each(['000', '022', '077'])('is for its owner only under umask %s', async (octal) => {
    const umask = Number.parseInt(octal, 8)
    const opened = await openStore()
    const { result } = await run(opened, { job: 'create', umask })
    await run(opened, { job: 'save', umask, token: String(result) })
    const entries = await readdir(opened.directory, { recursive: true })
    const modes = await Promise.all(
      ['', ...entries].map(async (name) => (await stat(join(opened.directory, name))).mode & 0o777),
    )
    expect(modes).toEqual([0o700, 0o700, 0o600])
  })

  test('is found by no one who read the directory: neither name nor content opens a session', async () => {
    const opened = await openStore()
    const token = await create(opened, { user: 'ada' })
    const [file = ''] = await filesIn(opened.directory)
    expect(file).toBe(fileOf(opened, token))
    const key = storageKey(token)
    const asToken = Buffer.from(key, 'hex').toString('base64url')
    for (const text of [key, asToken, `${key}.session.json`, key.slice(0, 43)]) {
      expect(await opened.store.load(text)).toHaveProperty('refused')
      expect(await opened.store.touch(text, opened.clock.now() + 2 * HOUR_MS)).toBe(false)
      expect(await opened.store.destroy(text)).toBe('ok')
    }
    expect(await loaded(opened, token)).toMatchObject({ data: { user: 'ada' } })
  })

  test.each<[string, Buffer | string]>([
    ['nothing', ''],
    ['half a record', '{"n":"AAAAAAAAAAAAAAAA","v":1,"c":1,"s":1,"a":0,"d":["user",["a'],
    ['random bytes', randomBytes(2000)],
    ['no object', 'null'],
    ['JSON of something else', '{"user":"eve"}'],
    ['a record without a version', '{"v":1,"c":1,"s":1,"a":0,"d":[]}'],
    ['a record of another format', '{"n":"AAAAAAAAAAAAAAAA","v":99,"c":1,"s":1,"a":0,"d":[]}'],
  ])('that holds %s is refused, and the next save starts a new session', async (_what, content) => {
    const opened = await openStore()
    const site = createTestSite({ store: () => opened.store, clock: opened.clock })
    const browser = new TestBrowser()
    await (await site.open(browser)).set('user', 'ada').save()
    const token = browser.cookies.get('sess') ?? ''
    const file = fileOf(opened, token)
    const slow = await site.open(browser.copy())
    const { version } = await loaded(opened, token)
    await writeFile(file, content)
    await utimes(file, (opened.clock.now() + HOUR_MS) / 1000, (opened.clock.now() + HOUR_MS) / 1000)
    expect(await opened.store.load(token)).toEqual({ refused: 'malformed' })
    expect(await slow.set('late', 1).save()).toBe('ended')
    expect(await opened.store.destroy(token, version)).toBe('conflict')
    const session = await site.open(browser)
    expect(session.isNew).toBe(true)
    expect(await session.set('user', 'grace').save()).toBe('saved')
    expect(browser.cookies.get('sess')).not.toBe(token)
    expect((await site.open(browser)).toObject()).toEqual({ user: 'grace' })
    expect(await opened.store.destroy(token)).toBe('ok')
  })
})

test('a record that was edited, copied to another name or dated outside the range of times opens nothing', async () => {
  const opened = await openStore()
  const [ada, eve] = [await create(opened, { user: 'ada' }), await create(opened, { user: 'eve' })]
  const end = (opened.clock.now() + HOUR_MS) / 1000
  await writeFile(fileOf(opened, eve), await readFile(fileOf(opened, ada)))
  await utimes(fileOf(opened, eve), end, end)
  expect(await opened.store.load(eve)).toEqual({ refused: 'forged' })
  await writeFile(fileOf(opened, ada), (await readFile(fileOf(opened, ada), 'utf8')).replace('ada', 'eve'))
  await utimes(fileOf(opened, ada), end, end)
  expect(await opened.store.load(ada)).toEqual({ refused: 'forged' })
  const early = await create(opened)
  await utimes(fileOf(opened, early), new Date(-1000), new Date(-1000))
  expect(await opened.store.load(early)).toEqual({ refused: 'malformed' })
})

test('a session that ended leaves a mark without data, which is swept when it is over', async () => {
  const opened = await openStore()
  const token = await create(opened, { user: 'ada' })
  await opened.store.destroy(token)
  expect(await readFile(fileOf(opened, token), 'utf8')).toBe(`ended ${opened.clock.now() + ENDED_MS}`)
  expect((await stat(fileOf(opened, token))).mode & 0o777).toBe(0o600)
  opened.clock.advance({ ms: ENDED_MS - 1 })
  expect(await opened.store.sweep(opened.clock.now(), 10)).toBe(0)
  opened.clock.advance({ ms: 1 })
  expect(await opened.store.sweep(opened.clock.now(), 10)).toBe(1)
  expect(await filesIn(opened.directory)).toEqual([])
})

test("when everyone's sessions are ended nothing is left but the epoch, for its owner only", async () => {
  const opened = await openStore()
  const [token, marked] = [await create(opened), await create(opened)]
  await opened.store.destroy(marked)
  for (let time = 0; time < 2; time++) await opened.store.destroyAll()
  expect(await filesIn(opened.directory)).toEqual([join(opened.directory, 'epoch')])
  expect((await stat(join(opened.directory, 'epoch'))).mode & 0o777).toBe(0o600)
  expect((await opened.store.inspect?.())?.filter(({ level }) => level !== 'ok')).toEqual([])
  expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
})

describe('saves at the same time', () => {
  const _increment = (n: unknown) => (n as number) + 1

  async function _counter(opened: Opened) {
    const site = createTestSite({
      store: () => opened.store,
      clock: opened.clock,
      pause: async (ms) => void (await pause(ms)),
    })
    const browser = new TestBrowser()
    await (await site.open(browser)).set('n', 0).save()
    return { site, browser, token: browser.cookies.get('sess') ?? '' }
  }

  test('a lock that a crashed process left is taken over', async () => {
    const opened = await openStore()
    const token = await create(opened)
    const lock = await leaveLock(fileOf(opened, token))
    const saves = Promise.all([save(opened, token, { by: 1 }), save(opened, token, { by: 2 })])
    expect((await saves).filter((result) => typeof result === 'object')).toHaveLength(1)
    await leaveLock(fileOf(opened, token))
    expect(await opened.store.destroy(token)).toBe('ok')
    expect(await opened.store.load(token)).toEqual({ refused: 'ended' })
    await expect(stat(lock)).rejects.toThrow('ENOENT')
  })

  test('a lock that others hold in turns without end is an error after a bounded wait', async () => {
    const opened = await openStore()
    const token = await create(opened, { user: 'ada' })
    await leaveLock(fileOf(opened, token))
    let turn = 0
    vi.mocked(readdir).mockImplementation((async () => [`holder ${turn++}`]) as never)
    await expect(save(opened, token, { user: 'eve' })).rejects.toMatchObject({
      name: 'SessionStoreError',
      operation: 'save a session',
      cause: { message: expect.stringContaining('Waited 1500 ms') },
    })
    expect((await loaded(opened, token)).data).toEqual({ user: 'ada' })
  })

  /** Once, between a holder's check and its change: its lock is broken and somebody else does `meanwhile`. */
  function beforeChange(file: string, meanwhile: () => Promise<unknown>): void {
    let done = false
    vi.mocked(rename).mockImplementation(async (from, to) => {
      const isChange = String(to) === file || String(from) === file
      if (isChange && !done) {
        done = true
        await rm(`${file}.lock`, { recursive: true })
        await meanwhile()
      }
      return plain.rename(from, to)
    })
  }

  test('a process that stood still until its lock was taken over overwrites nothing', async () => {
    const opened = await openStore()
    const token = await create(opened, { by: 'nobody' })
    const file = fileOf(opened, token)
    beforeChange(file, () => save(another(opened), token, { by: 'other' }))
    expect(await save(opened, token, { by: 'slow' })).toBe('conflict')
    expect((await loaded(opened, token)).data).toEqual({ by: 'other' })
    beforeChange(file, () => another(opened).store.destroy(token))
    expect(await save(opened, token, { by: 'slow' })).toBe('conflict')
    expect(await opened.store.load(token)).toEqual({ refused: 'ended' })
  })

  test('a destroy that stood still until its lock was taken over still ends the session', async () => {
    const opened = await openStore()
    const token = await create(opened)
    const { version } = await loaded(opened, token)
    beforeChange(fileOf(opened, token), () => save(another(opened), token, { by: 'other' }))
    expect(await opened.store.destroy(token, version)).toBe('conflict')
    beforeChange(fileOf(opened, token), () => save(another(opened), token, { by: 'third' }))
    expect(await opened.store.destroy(token)).toBe('ok')
    expect(await opened.store.load(token)).toEqual({ refused: 'ended' })
  })
})

describe('a touch', () => {
  test('of a destroyed, expired or unknown session leaves no file and revives nothing', async () => {
    const opened = await openStore()
    const [destroyed, expired] = [await create(opened), await create(opened)]
    await opened.store.destroy(destroyed, undefined, 'unmarked')
    opened.clock.advance({ ms: HOUR_MS })
    for (const token of [destroyed, expired, 'A'.repeat(43)])
      expect(await opened.store.touch(token, opened.clock.now() + HOUR_MS)).toBe(false)
    expect(await filesIn(opened.directory)).toEqual([fileOf(opened, expired)])
    expect(await opened.store.load(expired)).toEqual({ refused: 'expired' })
  })

  test('that meets a destroy halfway revives nothing, and a minute later nothing tells of the session', async () => {
    const opened = await openStore()
    const token = await create(opened)
    vi.mocked(lutimes).mockImplementationOnce(async (path, atime, mtime) => {
      await opened.store.destroy(token)
      return plain.lutimes(path, atime, mtime)
    })
    await opened.store.touch(token, opened.clock.now() + HOUR_MS)
    expect(await opened.store.load(token)).toEqual({ refused: 'ended' })
    expect(await opened.store.touch(token, opened.clock.now() + HOUR_MS)).toBe(false)
    opened.clock.advance({ ms: ENDED_MS })
    expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
    expect(await opened.store.adopt(token, recordOf({}), opened.clock.now() + HOUR_MS)).toMatchObject({
      token,
    })
  })

  test('waits for no lock and writes no data', async () => {
    const opened = await openStore()
    const token = await create(opened, { user: 'ada' })
    await leaveLock(fileOf(opened, token))
    const { ino } = await stat(fileOf(opened, token))
    expect(await opened.store.touch(token, opened.clock.now() + 2 * HOUR_MS)).toBe(true)
    expect((await stat(fileOf(opened, token))).ino).toBe(ino)
  })
})

describe('a sweep', () => {
  test('removes the expired in bounded batches and nothing else', async () => {
    const opened = await openStore()
    for (let i = 0; i < 5; i++) await create(opened)
    opened.clock.advance({ ms: HOUR_MS })
    const live = await create(opened)
    const sweep = () => opened.store.sweep(opened.clock.now(), 2)
    expect([await sweep(), await sweep(), await sweep(), await sweep()]).toEqual([2, 2, 1, 0])
    expect(await filesIn(opened.directory)).toEqual([fileOf(opened, live)])
  })

  test('twice at once, in one process and in two, counts each session once', async () => {
    const opened = await openStore()
    for (let i = 0; i < 40; i++) await create(opened)
    opened.clock.advance({ ms: HOUR_MS })
    const [here, again, there] = await Promise.all([
      opened.store.sweep(opened.clock.now(), 1000),
      another(opened).store.sweep(opened.clock.now(), 1000),
      run(opened, { job: 'sweep' }),
    ])
    expect(here + again + Number(there.result)).toBe(40)
    expect(await filesIn(opened.directory)).toEqual([])
  })

  test('keeps a session that was touched after the sweep had looked at it', async () => {
    const opened = await openStore()
    const token = await create(opened, { user: 'ada' })
    const file = fileOf(opened, token)
    const end = opened.clock.now() + HOUR_MS
    for (const moment of ['before the lock', 'before the removal'] as const) {
      vi.mocked(rename).mockImplementation(async (from, to) => {
        const isMoment = moment === 'before the lock' ? to === `${file}.lock` : from === file
        if (isMoment) expect(await opened.store.touch(token, end + HOUR_MS)).toBe(true)
        return plain.rename(from, to)
      })
      expect(await opened.store.sweep(end, 10), moment).toBe(0)
      expect((await loaded(opened, token)).data).toEqual({ user: 'ada' })
      await opened.store.touch(token, end)
    }
    vi.mocked(rename).mockReset()
    expect(await opened.store.sweep(end, 10)).toBe(1)
  })

  test('goes on after a record that cannot be removed, and so does the end of all sessions', async () => {
    const opened = await openStore()
    const [stuck, other] = [await create(opened), await create(opened)]
    opened.clock.advance({ ms: HOUR_MS })
    vi.mocked(rename).mockImplementation(async (from, to) => {
      if (from === fileOf(opened, stuck)) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
      return plain.rename(from, to)
    })
    const failure = { name: 'SessionStoreError' }
    expect(await opened.store.sweep(opened.clock.now(), 10)).toBe(1)
    await expect(opened.store.sweep(opened.clock.now(), 10)).rejects.toMatchObject(failure)
    expect(await opened.store.load(other)).toEqual({ refused: 'unknown' })
    const third = await create(opened)
    await expect(opened.store.destroyAll()).rejects.toMatchObject(failure)
    expect(await opened.store.load(third)).toEqual({ refused: 'unknown' })
  })

  test('removes what crashed processes left, once it is old', async () => {
    const opened = await openStore()
    const token = await create(opened)
    const file = fileOf(opened, token)
    const old = [await leaveLock(file), `${file}.AAAAAAAAAAAAAAAA.tmp`]
    const fresh = `${file}.BBBBBBBBBBBBBBBB.tmp`
    for (const stage of [old[1] ?? '', fresh]) {
      await mkdir(stage)
      await writeFile(join(stage, 'own'), 'half a rec')
    }
    for (const path of old) await utimes(path, LONG_AGO, LONG_AGO)
    expect(await opened.store.sweep(opened.clock.now(), 10)).toBe(0)
    expect(await filesIn(opened.directory)).toEqual([join(fresh, 'own'), file].sort())
  })
})

test('sweep and destroyAll leave files and directories alone that are not of the store', async () => {
  const opened = await openStore()
  const token = await create(opened)
  const shard = dirname(fileOf(opened, token))
  const foreign = [
    join(opened.directory, '.gitignore'),
    join(opened.directory, 'notes', 'todo.txt'),
    join(shard, 'a.json'),
    join(shard, 'x.tmp'),
    join(shard, `${'a'.repeat(64)}.json`),
    join(shard, 'mine.lock', 'pid'),
    join(opened.directory, 'zz', `${'b'.repeat(64)}.session.json`),
  ]
  for (const path of foreign) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, 'theirs')
    await utimes(path, LONG_AGO, LONG_AGO)
    await utimes(dirname(path), LONG_AGO, LONG_AGO)
  }
  opened.clock.advance({ ms: HOUR_MS })
  expect(await opened.store.sweep(opened.clock.now(), 100)).toBe(1)
  const live = await create(opened)
  const taken = [shard, dirname(fileOf(opened, live))]
  const notAShard = ['aa', 'bb', 'cc']
    .map((name) => join(opened.directory, name))
    .find((x) => !taken.includes(x))
  await writeFile(notAShard ?? '', 'theirs')
  expect(await opened.store.sweep(opened.clock.now(), 100)).toBe(0)
  await opened.store.destroyAll()
  expect(await opened.store.load(live)).toEqual({ refused: 'unknown' })
  for (const path of [...foreign, notAShard ?? '']) expect((await stat(path)).size).toBe(6)
})

test('a directory that is missing is made again, also while the store is in use', async () => {
  const opened = await openStore()
  const token = await create(opened)
  await rm(opened.directory, { recursive: true })
  expect(await opened.store.load(token)).toEqual({ refused: 'unknown' })
  expect(await opened.store.touch(token, opened.clock.now() + HOUR_MS)).toBe(false)
  expect(await opened.store.sweep(opened.clock.now(), 10)).toBe(0)
  await opened.store.destroyAll()
  expect(await loaded(opened, await create(opened, { user: 'ada' }))).toMatchObject({ data: { user: 'ada' } })
})

describe('a store that cannot be used', () => {
  test('is an error in every method, never a session that is not there', async () => {
    const file = join(home, 'a file')
    await writeFile(file, '')
    const opened = await openStore(file)
    const token = 'A'.repeat(43)
    const calls = {
      'load a session': () => opened.store.load(token),
      'create a session': () => create(opened),
      'save a session': () => opened.store.update(token, recordOf({}), opened.clock.now() + 1, ''),
      'touch a session': () => opened.store.touch(token, opened.clock.now() + 1),
      'destroy a session': () => opened.store.destroy(token),
      "end everyone's sessions": () => opened.store.destroyAll(),
      sweep: () => opened.store.sweep(opened.clock.now(), 1),
    }
    for (const [operation, call] of Object.entries(calls))
      await expect(call(), operation).rejects.toMatchObject({
        name: 'SessionStoreError',
        store: 'file',
        operation,
        cause: { code: 'ENOTDIR' },
      })
  })

  test('without the right to write keeps the old record and leaves nothing behind', async () => {
    const opened = await openStore()
    const token = await create(opened, { user: 'ada' })
    const file = fileOf(opened, token)
    await chmod(file, 0o644)
    await chmod(dirname(dirname(opened.directory)), 0o755)
    await chmod(dirname(opened.directory), 0o755)
    await chmod(opened.directory, 0o755)
    await chmod(dirname(file), 0o555)
    const answer = await run(opened, { job: 'save', token, dropRights: true })
    await chmod(dirname(file), 0o700)
    expect(answer).toMatchObject({ name: 'SessionStoreError', code: 'EACCES' })
    expect((await loaded(opened, token)).data).toEqual({ user: 'ada' })
    expect(await filesIn(opened.directory)).toEqual([file])
  })

  // A limit on the size of files ends a write halfway, as a full disk does, and needs no disk of its own.
  test('because the disk is full keeps the old record and leaves nothing behind', async () => {
    const opened = await openStore()
    const token = await create(opened, { user: 'ada' })
    const answer = await run(opened, { job: 'save', token, limitBlocks: 100 })
    expect(answer).toMatchObject({
      name: 'SessionStoreError',
      message: 'The session store "file" failed to save a session.',
      code: 'EFBIG',
    })
    expect((await loaded(opened, token)).data).toEqual({ user: 'ada' })
    expect(await readdir(dirname(fileOf(opened, token)))).toHaveLength(1)
    expect(await save(opened, token, { user: 'grace' })).toMatchObject({ token })
  })
})
