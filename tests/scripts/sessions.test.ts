import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeyring } from '@/lib/session/core/keys'
import { createFileStore } from '@/lib/session/stores/file'
import { createRecordText } from '@/lib/session/stores/record'
import { createToken } from '@/lib/session/stores/tokens'
import { compiled } from '../compiled'
import { newPrefix } from '../servers'
import { newBackend, openTestStore, type TestBackend } from '../session/backends'

const SECRET = 'k3Xw-this-test-alone-9QzVr2nXw5tYb7cLd'
const SCRIPT = compiled('lib/session/ops/sessions.ts')
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
  const child = spawn(process.execPath, [SCRIPT, ...args.split(' ').filter(Boolean)], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      SESSION_SECRET: SECRET,
      npm_lifecycle_event: 'sessions',
      ...env,
    },
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
  const keyring = createKeyring([SECRET], '__Host-sess') // as the command has it in production
  const records = createRecordText({ keyring, maxBytes: 1_048_576, now: Date.now })
  const store = createFileStore({ directory: directory(), records, now: Date.now })
  const record = { createdAt: 1, savedAt: 1, avoidTouch: false, data: new Map() }
  for (const lifeMs of [HOUR_MS, HOUR_MS, -HOUR_MS]) await store.create(record, Date.now() + lifeMs)
}

async function countRecords(): Promise<number> {
  const names = await readdir(directory(), { recursive: true })
  return names.filter((name) => name.endsWith('.session.json')).length
}

test.each(['staging', 'Production', ''])(
  'doctor judges by the rules and files of production when NODE_ENV is "%s"',
  async (NODE_ENV) => {
    await writeFile(join(folder, '.env.development'), 'SESSION_IDLE_SECONDS=77\n')
    const { out } = await sessions('doctor --json', { NODE_ENV })
    const { mode, settings } = JSON.parse(out)
    expect(mode).toBe('production')
    expect(settings).toContainEqual({ name: 'SESSION_IDLE_SECONDS', value: '3600', from: 'default' })
  },
)

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
    await writeFile(join(directory(), 'notes.txt'), 'not of the store')
    const done = await sessions('destroy-all --yes --json', onFiles)
    expect(done.code).toBe(0)
    expect(JSON.parse(done.out)).toMatchObject({ command: 'destroy-all', ok: true, ended: 2 })
    expect(await countRecords()).toBe(0)
    expect(await readdir(directory())).toContain('notes.txt')
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

describe.each(['sqlite', 'postgres', 'redis', 'memcached'])('on %s', (name) => {
  const expiresByItself = name === 'redis' || name === 'memcached'

  /** Two live sessions, one that expired where the store keeps such, and one of another app on the same backend. */
  async function fill(backend: TestBackend) {
    const store = await openTestStore(backend, Date.now)
    const other = await openTestStore({ env: { ...backend.env, SESSION_PREFIX: newPrefix() } }, Date.now)
    const record = { createdAt: Date.now(), savedAt: Date.now(), avoidTouch: false, data: new Map() }
    const end = Date.now() + HOUR_MS
    const create = async (on = store) => (await on.create(record, end)).token
    const tokens = [await create(), await create()]
    if (!expiresByItself) await store.create(record, Date.now() - HOUR_MS)
    return { store, tokens, other, foreign: await create(other) }
  }

  test('stats counts, sweep removes the expired, doctor tries it, destroy-all ends ours and nothing else', async () => {
    const backend = await newBackend(name)
    const { store, tokens, other, foreign } = await fill(backend)
    const json = async (args: string) => {
      const { code, out } = await sessions(`${args} --json`, backend.env)
      return { code, ...JSON.parse(out) }
    }

    const counts =
      name === 'memcached'
        ? { counted: false, live: null, expired: null, reason: expect.stringContaining('cannot list') }
        : { counted: true, live: 2, expired: expiresByItself ? 0 : 1 }
    expect(await json('stats')).toMatchObject({ code: 0, ok: true, ...counts })

    const swept = expiresByItself
      ? { swept: false, removed: 0, reason: expect.stringContaining('by itself, so it was not asked') }
      : { swept: true, removed: 1 }
    expect(await json('sweep')).toMatchObject({ code: 0, ok: true, ...swept })

    const report = await json('doctor')
    expect(report).toMatchObject({ code: 0, problems: 0, roundTrip: { create: expect.any(Number) } })
    const inOrder = (list: string) => list.split(',').sort().join() // that of memcached servers has no meaning
    for (const [variable, value] of Object.entries(backend.env))
      expect(report.settings).toContainEqual({ name: variable, value: inOrder(value), from: 'environment' })

    const done = await sessions('destroy-all --yes', backend.env)
    expect(done.code).toBe(0)
    const how = name === 'memcached' ? 'every session (an unknown number)' : '2 live sessions'
    expect(done.out).toContain(`Ended ${how} of ${backend.env.SESSION_STORE}, `)
    for (const token of tokens) expect(await store.load(token)).toHaveProperty('refused')
    expect(await other.load(foreign)).toHaveProperty('record')
  })

  test('what cannot be reached or does not answer is an error soon, with the next step', async () => {
    const backend = await newBackend(name)
    await fill(backend)
    const env = { ...backend.env, SESSION_STORE_TIMEOUT_MS: '1500' }
    for (const fail of [backend.stop, backend.hang]) {
      if (!fail) continue // an engine in the process has nothing that hangs
      await fail()
      const destroyed = await sessions('destroy-all --yes', env)
      expect(destroyed).toMatchObject({ code: 1, out: '', err: expect.stringContaining('run it again') })
      const doctor = await sessions('doctor', env)
      expect(doctor.code).toBe(1)
      expect(doctor.out).toMatch(/Writing was not tried, .+\n[\s\S]*^ {2}problem: /m)
      const stats = await sessions('stats', env)
      const sweep = await sessions('sweep', env)
      expect(stats.code).toBe(name === 'memcached' ? 0 : 1) // what is not asked cannot fail
      expect(sweep.code).toBe(expiresByItself ? 0 : 1)
      for (const { code, err } of [stats, sweep])
        if (code === 1) expect(err).toMatch(/failed to .+\nWhat is wrong: npm run sessions -- doctor$/m)
      await backend.start()
    }
  })
})

describe('a misconfigured server', () => {
  test.each(['sqlite', 'postgres'])('%s without its table: doctor says what makes it', async (name) => {
    const { env } = await newBackend(name)
    const { code, out } = await sessions('doctor', { ...env, SESSION_CREATE_TABLE: 'false' })
    expect(code).toBe(1)
    expect(out).toContain('is missing. To make it, run: CREATE TABLE IF NOT EXISTS sess_sessions (')
  })

  test('a table of another shape: doctor names the column', async () => {
    const backend = await newBackend('sqlite')
    await (await openTestStore(backend, Date.now)).load(createToken())
    await backend.stop()
    expect((await sessions('doctor', backend.env)).out).toContain('it lacks: key text')
  })

  test.each([
    ['postgres', 'DATABASE_URL'],
    ['redis', 'REDIS_URL'],
  ])('no command shows the password of %s', async (name, variable) => {
    const backend = await newBackend(name)
    const url = new URL(backend.url)
    url.password = 'hunter22'
    if (name === 'redis') url.username = 'nobody' // refused by the server
    const env = { ...backend.env, [variable]: url.href }
    for (const args of ['doctor', 'doctor --json', 'stats', 'destroy-all --yes']) {
      const { out, err } = await sessions(args, env)
      expect(out + err).not.toContain('hunter22')
      if (args.startsWith('doctor')) expect(out).toContain(`${url.username}:***@`)
    }
  })

  test('one of two memcached servers: doctor names it', async () => {
    const { env } = await newBackend('memcached')
    const servers = `${env.MEMCACHED_SERVERS?.split(',')[0]},127.0.0.1:1`
    const { code, out } = await sessions('doctor', { ...env, MEMCACHED_SERVERS: servers })
    expect(code).toBe(1)
    expect(out).toContain('problem: 127.0.0.1:1: connect ECONNREFUSED')
  })
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

describe('a server that npm run dev brought up by itself', () => {
  const SERVERS_SCRIPT = fileURLToPath(new URL('../../scripts/servers.mjs', import.meta.url))

  /** Runs a line of shell as `npm run dev` of an app runs Next, in the folder of the test. */
  async function besideDev(
    madeWith: string,
    line: string,
    env: Record<string, string> = {},
  ): Promise<Answer> {
    const args = [SERVERS_SCRIPT, '--for', madeWith, '--announce', '--', 'sh', '-c', line]
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_ENV: 'development', SESSION_SECRET: SECRET, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    return { code, out, err }
  }

  /** Another shell, which knows nothing of it. */
  const doctor = `env -u SESSION_STORE -u REDIS_URL -u MEMCACHED_SERVERS -u DATABASE_URL '${process.execPath}' '${SCRIPT}' doctor --json`

  test.each([
    ['redis', 'REDIS_URL', 'redis', {}],
    ['memcached', 'MEMCACHED_SERVERS', 'memcached', {}],
    ['postgres', 'DATABASE_URL', 'database', {}],
    ['cookie', 'REDIS_URL', 'redis', { SESSION_STORE: 'redis' }],
  ])('doctor --dev tries it, in an app made with %s: %s', async (madeWith, variable, store, env) => {
    const { code, out, err } = await besideDev(madeWith, `${doctor} --dev`, env)
    const report = JSON.parse(out.slice(out.indexOf('{')))

    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(report).toMatchObject({ store, problems: 0, roundTrip: { create: expect.any(Number) } })
    expect(report.settings).toContainEqual({ name: variable, value: expect.any(String), from: 'npm run dev' })
  })

  test('is no server of production, and none any more when it ended', async () => {
    const during = await besideDev('redis', `${doctor} ; true`)
    const after = await sessions('doctor --json --dev', { NODE_ENV: 'development' })

    expect(JSON.parse(during.out.slice(during.out.indexOf('{')))).toMatchObject({ store: 'cookie' })
    expect(JSON.parse(after.out)).toMatchObject({ store: 'cookie' })
  })

  test('and cannot be had is named by the variable of the app, and nothing is started', async () => {
    const { code, out, err } = await besideDev('redis', 'echo started', { PATH: '/nowhere' })

    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('The app takes one that runs from REDIS_URL=…')
  })

  test('is what --dev says to start where no variable names one', async () => {
    const { code, err } = await sessions('doctor --dev', { SESSION_STORE: 'redis' })

    expect(code).toBe(1)
    expect(err).toContain('REDIS_URL')
    expect(err).toContain('npm run dev starts one')
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
