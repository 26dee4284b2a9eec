import { execFileSync } from 'node:child_process'
import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '@/lib/session/config/config'
import { createKeyring } from '@/lib/session/core/keys'
import type { SessionRecord } from '@/lib/session/core/store'
import { createFileStore } from '@/lib/session/stores/file'
import { inspectAccess } from '@/lib/session/stores/file/trust'
import { guardStore } from '@/lib/session/stores/guard'
import { findStoreProblems } from '@/lib/session/stores/open'
import { createToken, storageKey } from '@/lib/session/stores/tokens'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords, TEST_SECRET } from '@/lib/session/testing/test-records'

// The real function, which a test can make answer something else once.
vi.mock('@/lib/session/stores/tokens', { spy: true })

const HOUR_MS = 3_600_000
const NOBODY = 65_534
const SHARDS = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'))

async function openStore() {
  const home = await mkdtemp(join(tmpdir(), 'sess-file-trust-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const directory = join(home, 'sessions')
  const clock = createFakeClock()
  const store = guardStore(
    createFileStore({ directory, records: createTestRecords(clock.now), now: clock.now }),
    600_000,
  )
  const fileOf = (token: string) => {
    const key = storageKey(token)
    return join(directory, key.slice(0, 2), `${key}.session.json`)
  }
  const create = async () => {
    const { token } = await store.create(emptyRecord(clock.now()), clock.now() + HOUR_MS)
    return { token, file: fileOf(token) }
  }
  return { home, directory, clock, store, create, fileOf }
}

function emptyRecord(at: number): SessionRecord {
  return { createdAt: at, savedAt: at, avoidTouch: false, data: new Map() }
}

/** Another user owns this from now on. Only root can give a file away; for others, who this process is changes. */
async function giveAway(path: string): Promise<void> {
  const user = process.getuid?.()
  if (user === 0) return chown(path, NOBODY, NOBODY)
  vi.spyOn(process, 'getuid').mockReturnValue(Number(user) + 1)
}

/** What can lie under the name of a record and is none; `real` is a record that was stored there, by its content. */
const impostors: Record<string, (file: string, elsewhere: string) => Promise<unknown>> = {
  'a link to a record': (file, elsewhere) => symlink(elsewhere, file),
  'a link to nothing': (file) => symlink('/nowhere/at/all', file),
  'a link to a pipe': async (file, elsewhere) => {
    execFileSync('mkfifo', [`${elsewhere}.pipe`])
    await symlink(`${elsewhere}.pipe`, file)
  },
  'a pipe': async (file) => void execFileSync('mkfifo', [file]),
  'a socket': async (file, elsewhere) => {
    const server = createServer()
    const path = `${elsewhere}.socket` // its path may have 107 bytes
    await new Promise<void>((done) => server.listen(path, done))
    await rename(path, file)
    onTestFinished(() => void server.close())
  },
  'a directory': (file) => mkdir(file),
  'a link to a device': (file) => symlink('/dev/zero', file),
  "another user's file": async (file, elsewhere) => {
    await writeFile(file, await readFile(elsewhere))
    await giveAway(file)
  },
  "another user's file that is closed": async (file, elsewhere) => {
    await writeFile(file, await readFile(elsewhere))
    await chmod(file, 0)
    await giveAway(file)
  },
  'a file of a terabyte': async (file) => {
    await writeFile(file, '')
    await truncate(file, 2 ** 40)
  },
}

test.each(Object.entries(impostors))(
  'under the name of a record %s opens nothing, hangs nothing, and harms no other session',
  async (_what, plant) => {
    const { home, directory, clock, store, create } = await openStore()
    const victim = await create()
    const other = await create()
    const elsewhere = join(home, 'elsewhere')
    await rename(victim.file, elsewhere)
    const { mtimeMs } = await stat(elsewhere)
    const content = await readFile(elsewhere)
    await plant(victim.file, elsewhere)

    expect(await store.load(victim.token)).toEqual({ refused: 'malformed' })
    expect(await store.touch(victim.token, clock.now() + 2 * HOUR_MS)).toBe(false)
    const saved = store.update(victim.token, emptyRecord(clock.now()), clock.now() + HOUR_MS, 'any version')
    expect(await saved).toBe('gone')
    expect(await store.destroy(victim.token, 'any version')).toBe('conflict')
    expect(await store.destroy(victim.token)).toBe('ok')
    await store.destroyNamed(storageKey(victim.token))
    expect((await store.list?.(10))?.map(({ name }) => name)).toEqual([storageKey(other.token)])
    expect(await store.count?.()).toEqual({ live: 1, expired: 0 })
    expect(await store.inspect?.()).toContainEqual({
      level: 'warning',
      text: expect.stringMatching(/^Under the names of sessions, and never opened: 1 .*find '/),
    })
    expect(await store.load(other.token)).toHaveProperty('record')

    clock.advance({ ms: HOUR_MS })
    expect(await store.sweep?.(clock.now(), 10)).toBe(1)
    const last = await create()
    await store.destroyAll()
    expect(await store.load(last.token)).toEqual({ refused: 'unknown' })
    expect(await readdir(dirname(victim.file))).toContain(basename(victim.file))
    expect((await stat(elsewhere)).mtimeMs).toBe(mtimeMs)
    expect(await readFile(elsewhere)).toEqual(content)
    expect(await readdir(directory)).not.toContain('elsewhere')
  },
)

describe('a shard that is a link', () => {
  test('opens nothing, and nothing behind it is touched, made or deleted', async () => {
    const { home, directory, clock, store, create } = await openStore()
    const { token, file } = await create()
    const shard = dirname(file)
    const elsewhere = join(home, 'elsewhere')
    await rename(shard, elsewhere)
    await mkdir(join(elsewhere, `${basename(file)}.lock`))
    await utimes(join(elsewhere, `${basename(file)}.lock`), 0, 0)
    await symlink(elsewhere, shard)
    const before = await stateOf(elsewhere)

    expect(await store.load(token)).toEqual({ refused: 'malformed' })
    expect(await store.touch(token, clock.now() + 2 * HOUR_MS)).toBe(false)
    expect(await store.destroy(token)).toBe('ok')
    await store.destroyNamed(storageKey(token))
    expect(await store.list?.(10)).toEqual([])
    expect(await store.count?.()).toEqual({ live: 0, expired: 0 })
    clock.advance({ ms: 2 * HOUR_MS })
    expect(await store.sweep?.(clock.now(), 10)).toBe(0)
    await store.destroyAll()
    const moved = store.adopt(token, emptyRecord(clock.now()), clock.now() + HOUR_MS)
    await expect(moved).rejects.toMatchObject({
      cause: { message: expect.stringContaining('symbolic link') },
    })
    expect(await stateOf(elsewhere)).toEqual(before)
    expect(new Set(await readdir(directory))).toEqual(new Set([basename(shard), 'epoch']))
  })

  test('costs no visitor a new session: another token is taken', async () => {
    const { home, directory, clock, store, fileOf } = await openStore()
    const unlucky = createToken()
    await mkdir(directory)
    await mkdir(join(home, 'elsewhere'))
    await symlink(join(home, 'elsewhere'), dirname(fileOf(unlucky)))
    vi.mocked(createToken).mockReturnValueOnce(unlucky)
    const { token } = await store.create(emptyRecord(clock.now()), clock.now() + HOUR_MS)
    expect(token).not.toBe(unlucky)
    expect(await store.load(token)).toHaveProperty('record')
    expect(await readdir(join(home, 'elsewhere'))).toEqual([])
  })
})

async function stateOf(directory: string) {
  const names = await readdir(directory)
  return Promise.all(
    names.sort().map(async (name) => {
      const { mtimeMs, size, ino } = await stat(join(directory, name))
      return { name, mtimeMs, size, ino }
    }),
  )
}

test.each(['a link', 'a pipe', 'junk'])(
  'where the epoch is %s no session opens, since ended ones could, and the inspection says what to do',
  async (what) => {
    const { home, directory, store, create } = await openStore()
    const { token } = await create()
    const path = join(directory, 'epoch')
    if (what === 'a link') await symlink(join(home, 'none'), path)
    else if (what === 'a pipe') execFileSync('mkfifo', [path])
    else await writeFile(path, 'junk')
    await expect(store.load(token)).rejects.toMatchObject({
      cause: { message: expect.stringContaining(`${path} is not the epoch`) },
    })
    if (what !== 'junk') expect((await inspectAccess(directory)).at(-1)).toMatchObject({ level: 'problem' })
    await store.destroyAll()
    expect(await store.load((await create()).token)).toHaveProperty('record')
  },
)

test("another user's shard opens nothing", async () => {
  const { create, store } = await openStore()
  const { token, file } = await create()
  await giveAway(dirname(file))
  expect(await store.load(token)).toEqual({ refused: 'malformed' })
})

test.each(['a link', 'a pipe', 'a file'])(
  'under the name of a lock %s does not keep a session from being saved and ended',
  async (what) => {
    const { home, clock, store, create } = await openStore()
    const { token, file } = await create()
    const elsewhere = join(home, 'elsewhere')
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'theirs'), '')
    const plant = async () => {
      if (what === 'a link') await symlink(elsewhere, `${file}.lock`)
      else if (what === 'a pipe') execFileSync('mkfifo', [`${file}.lock`])
      else await writeFile(`${file}.lock`, '')
    }
    await plant()
    const found = await store.load(token)
    if ('refused' in found) throw new Error(found.refused)
    const saved = store.update(token, emptyRecord(clock.now()), clock.now() + HOUR_MS, found.version)
    expect(await saved).toMatchObject({ token })
    await plant()
    expect(await store.destroy(token)).toBe('ok')
    expect(await store.load(token)).toEqual({ refused: 'ended' })
    expect(await readdir(elsewhere)).toEqual(['theirs'])
  },
)

test('the sweep removes an old leftover that is a link, and nothing behind it', async () => {
  const { home, clock, store, create } = await openStore()
  const { file } = await create()
  const elsewhere = join(home, 'elsewhere')
  await mkdir(elsewhere)
  await writeFile(join(elsewhere, 'theirs'), '')
  await utimes(elsewhere, 0, 0)
  const planted = `${file}.AAAAAAAAAAAAAAAA.tmp`
  await symlink(elsewhere, planted)
  execFileSync('touch', ['-h', '-d', '1971-01-01', planted])
  await store.sweep?.(clock.now(), 10)
  expect(await readdir(dirname(file))).toEqual([basename(file)])
  expect(await readdir(elsewhere)).toEqual(['theirs'])
})

test("what another user's directory holds is neither listed nor said to be ended", async () => {
  const { directory, store, create, clock } = await openStore()
  await create()
  await giveAway(directory)
  const told = { cause: { message: expect.stringMatching(/belongs to user \d+.*Run this as that user/) } }
  await expect(store.destroyAll()).rejects.toMatchObject(told)
  await expect(store.list?.(10)).rejects.toMatchObject(told)
  await expect(store.sweep?.(clock.now(), 10)).rejects.toMatchObject(told)
})

describe('the start', () => {
  async function start(directory: string) {
    const env = { SESSION_SECRET: TEST_SECRET, SESSION_STORE: 'file', SESSION_FILE_DIR: directory }
    const warnings: string[] = []
    const keyring = createKeyring([TEST_SECRET], 'sess')
    const context = {
      config: readConfig(env),
      keyring,
      now: Date.now,
      warn: (text: string) => warnings.push(text),
    }
    return { problems: await findStoreProblems(context), warnings }
  }

  test.each([
    ['0700', [], []],
    ['0755', [], ['has mode 0755']],
    ['0710', [], ['has mode 0710']],
    ['0770', [], ['has mode 0770']],
    ['2770', [], ['has mode 2770']],
    ['0777', ['has mode 0777'], []],
    ['1777', ['has mode 1777'], []],
    ['0702', ['has mode 0702'], []],
  ])('of a directory with mode %s names path, mode and remedy', async (mode, problems, warnings) => {
    const { directory, create, store } = await openStore()
    await create()
    await chmod(directory, Number.parseInt(mode, 8))
    const told = (modes: string[]) =>
      modes.map((text) =>
        expect.stringMatching(new RegExp(`${directory} ${text}: .*chmod 700 '${directory}'$`)),
      )
    expect(await start(directory)).toEqual({ problems: told(problems), warnings: told(warnings) })
    const found = (await store.inspect?.()) ?? []
    const textsOf = (level: string) => found.filter((each) => each.level === level).map(({ text }) => text)
    expect(textsOf('problem')).toEqual(problems.map((text) => expect.stringContaining(text)))
    for (const text of warnings) expect(textsOf('warning')).toContainEqual(expect.stringContaining(text))
  })

  test('of a directory of another user stops and says whose it is', async () => {
    const { directory, create } = await openStore()
    await create()
    await giveAway(directory)
    const { problems } = await start(directory)
    expect(problems).toEqual([expect.stringMatching(/belongs to user \d+ and this is user \d+.*chown -R/)])
  })

  test('of a directory with a shard that is a link, or another user’s, stops and names it', async () => {
    const { home, directory, create } = await openStore()
    await create()
    const names = await readdir(directory)
    const [linked = '', given = ''] = SHARDS.filter((name) => !names.includes(name))
    await symlink(home, join(directory, linked))
    if (process.getuid?.() === 0) {
      await mkdir(join(directory, given))
      await giveAway(join(directory, given))
    }
    const { problems } = await start(directory)
    expect(problems[0]).toContain(`${join(directory, linked)} is a symbolic link`)
    if (process.getuid?.() === 0) expect(problems[1]).toContain(`${join(directory, given)} belongs to user`)
  })

  test.each([
    ['0700', 'warnings'],
    ['0711', 'problems'],
  ] as const)('of an open shard in a directory with mode %s is among the %s', async (mode, level) => {
    const { directory, create } = await openStore()
    const { file } = await create()
    await chmod(dirname(file), 0o777)
    await chmod(directory, Number.parseInt(mode, 8))
    expect((await start(directory))[level]).toContainEqual(
      expect.stringMatching(`'${dirname(file)}' \\(mode 0777\\).*chmod -R go= '${directory}'`),
    )
  })

  test('of a directory that is a link to a closed one of this user finds nothing wrong', async () => {
    const { home, directory, create } = await openStore()
    await create()
    const current = join(home, 'current')
    await symlink(directory, current)
    expect(await start(current)).toEqual({ problems: [], warnings: [] })
  })
})

test('a record that has a second name, as in a backup made of hard links, still opens', async () => {
  const { home, store, create } = await openStore()
  const { token, file } = await create()
  await link(file, join(home, 'backup'))
  expect(await store.load(token)).toHaveProperty('record')
  expect(await store.load(createToken())).toEqual({ refused: 'unknown' })
})
