import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFileStore } from '@/lib/session/stores/file'

vi.setConfig({ testTimeout: 30_000 })

const SECRET = 'k3Xw-a-secret-of-this-test-alone-9Qz'
const TSX = import.meta.resolve('tsx')
const SCRIPT = fileURLToPath(new URL('../../scripts/sessions.ts', import.meta.url))
const HOUR_MS = 3_600_000

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-sessions-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

interface Answer {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The real command, in a folder of its own, without a terminal. No answer of it may hold the secret. */
async function sessions(args: string, env: Record<string, string> = {}): Promise<Answer> {
  const child = spawn(process.execPath, ['--import', TSX, SCRIPT, ...args.split(' ').filter(Boolean)], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', SESSION_SECRET: SECRET, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  expect(out + err).not.toContain(SECRET)
  expect(err).not.toMatch(/^\s+at /m)
  return { code, out, err }
}

const directory = () => join(folder, 'data', 'sessions')
const onFiles = { SESSION_STORE: 'file' }

/** Two live sessions and one that expired. */
async function makeSessions(): Promise<void> {
  const store = createFileStore({ directory: directory(), now: Date.now })
  const record = { createdAt: 1, savedAt: 1, avoidTouch: false, data: new Map() }
  for (const lifeMs of [HOUR_MS, HOUR_MS, -HOUR_MS]) await store.create(record, Date.now() + lifeMs)
}

async function countRecords(): Promise<number> {
  const names = await readdir(directory(), { recursive: true })
  return names.filter((name) => name.endsWith('.session.json')).length
}

describe('on the file store', () => {
  test('stats counts the live and the expired', async () => {
    await makeSessions()
    const { code, out } = await sessions('stats', onFiles)
    expect(code).toBe(0)
    expect(out).toMatch(/Live +2\nExpired +1/)
    expect(JSON.parse((await sessions('stats --json', onFiles)).out)).toEqual({
      command: 'stats',
      ok: true,
      store: 'file',
      counted: true,
      live: 2,
      expired: 1,
    })
  })

  test('sweep removes the expired and says how many', async () => {
    await makeSessions()
    const { code, out } = await sessions('sweep', onFiles)
    expect(code).toBe(0)
    expect(out).toContain('Removed 1 expired session from the file store')
    expect(await countRecords()).toBe(2)
  })

  test('destroy-all refuses without a terminal, and with --yes ends every session', async () => {
    await makeSessions()
    const refused = await sessions('destroy-all', onFiles)
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--yes') })
    expect(await countRecords()).toBe(3)
    const done = await sessions('destroy-all --yes --json', onFiles)
    expect(done.code).toBe(0)
    expect(JSON.parse(done.out)).toMatchObject({ command: 'destroy-all', ok: true, ended: 2 })
    expect(await countRecords()).toBe(0)
  })

  test('doctor finds all in order, and leaves no session behind', async () => {
    await makeSessions()
    const { code, out } = await sessions('doctor', onFiles)
    expect(code).toBe(0)
    expect(out).toContain('A throw-away session: created in')
    expect(out).toContain('for AAL2: at most 24 hours and 1 hour without activity')
    expect(out.trimEnd().split('\n').at(-1)).toBe('Everything is in order.')
    expect(await countRecords()).toBe(3)
  })

  test('doctor warns of a directory that others can open; --strict makes that a failure', async () => {
    await makeSessions()
    await chmod(directory(), 0o755)
    const lenient = await sessions('doctor', onFiles)
    expect(lenient.code).toBe(0)
    expect(lenient.out).toContain('Group or others have access to 1 of its files and directories.')
    expect(lenient.out.trimEnd().split('\n').at(-1)).toBe('1 warning.')
    expect((await sessions('doctor --strict', onFiles)).code).toBe(1)
  })

  test.each(['stats', 'sweep', 'doctor', 'destroy-all --yes'])(
    '%s fails with the reason when the store cannot be reached',
    async (args) => {
      await writeFile(join(folder, 'data'), 'a file where a directory should be')
      const { code, out, err } = await sessions(args, onFiles)
      expect(code).toBe(1)
      expect(out + err).toMatch(/The session store "file" failed to .+ENOTDIR/)
    },
  )
})

describe('on the cookie store', () => {
  test.each(['stats', 'sweep'])('%s says that sessions are in the browsers', async (command) => {
    const { code, out } = await sessions(command)
    expect(code).toBe(0)
    expect(out).toContain('in the browsers')
  })

  test('destroy-all names SESSION_EPOCH with the present time', async () => {
    const { code, err } = await sessions('destroy-all')
    expect(code).toBe(1)
    const time = Date.parse(/^ *SESSION_EPOCH=(\S+)$/m.exec(err)?.[1] ?? '')
    expect(Math.abs(Date.now() - time)).toBeLessThan(60_000)
  })

  test('doctor opens what it sealed', async () => {
    const { code, out } = await sessions('doctor --json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      command: 'doctor',
      ok: true,
      mode: 'production',
      profile: 'AAL2',
      roundTrip: { create: expect.any(Number), load: expect.any(Number) },
      warnings: 0,
      problems: 0,
    })
  })
})

describe('on the memory store', () => {
  test.each([
    ['stats', 0],
    ['sweep', 0],
    ['destroy-all --yes', 1],
  ])('%s says that sessions are in the server, with exit code %i', async (args, expected) => {
    const { code, out, err } = await sessions(args, { SESSION_STORE: 'memory' })
    expect(code).toBe(expected)
    expect(out + err).toContain('in the memory of the server')
  })

  test('doctor warns of it in production', async () => {
    const { code, out } = await sessions('doctor', { SESSION_STORE: 'memory' })
    expect(code).toBe(0)
    expect(out).toContain('warning: SESSION_STORE=memory forgets every session at a restart')
  })
})

describe('the configuration', () => {
  test('comes from the .env files of production, and with --dev from those of development', async () => {
    await writeFile(
      join(folder, '.env.production'),
      'SESSION_IDLE_SECONDS=600\nSESSION_ABSOLUTE_SECONDS=700\n',
    )
    await writeFile(join(folder, '.env.development'), 'SESSION_IDLE_SECONDS=500\n')
    const settingsOf = async (args: string) =>
      JSON.parse((await sessions(args, { SESSION_ABSOLUTE_SECONDS: '900' })).out).settings
    const production = await settingsOf('doctor --json')
    expect(production).toContainEqual({ name: 'SESSION_IDLE_SECONDS', value: '600', from: '.env.production' })
    expect(production).toContainEqual({ name: 'SESSION_ABSOLUTE_SECONDS', value: '900', from: 'environment' })
    expect(production).toContainEqual({ name: 'SESSION_TOUCH_SECONDS', value: '10', from: 'default' })
    expect(await settingsOf('doctor --json --dev')).toContainEqual({
      name: 'SESSION_IDLE_SECONDS',
      value: '500',
      from: '.env.development',
    })
  })

  test('with mistakes is reported with all of them, as text and as JSON', async () => {
    const { code, out, err } = await sessions('doctor --json', {
      SESSION_IDLE_SECONDS: 'soon',
      SESSION_STORE: 'postgres://me:hunter22@db/x',
    })
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'config' } })
    expect(JSON.parse(out).error.problems).toHaveLength(2)
    expect(err).toContain('SESSION_IDLE_SECONDS is "soon"')
    expect(out + err).not.toContain('hunter22')
  })
})

test.each(['', 'sweeep', 'sweep now', 'stats --yes', 'sweep --strict', 'doctor --verbose'])(
  '"%s" is no command: exit code 2, with the help',
  async (args) => {
    const { code, out, err } = await sessions(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('npm run sessions -- <command>')
  },
)

test('--help explains itself without a configuration', async () => {
  const { code, out } = await sessions('--help', { SESSION_SECRET: '' })
  expect(code).toBe(0)
  for (const word of ['sweep', 'stats', 'destroy-all', 'doctor', '--json', '--yes'])
    expect(out).toContain(word)
})
