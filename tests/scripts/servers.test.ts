import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SERVERS, serversNeeded } from '../../scripts/servers.mjs'

const SCRIPT = fileURLToPath(new URL('../../scripts/servers.mjs', import.meta.url))
const SHOW = `echo "$SESSION_STORE|$REDIS_URL|$MEMCACHED_SERVERS|$DATABASE_URL"`

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-servers-test-'))
  await chmod(folder, 0o755) // the programs in it run as another user
})

afterEach(() => rm(folder, { recursive: true, force: true }))

interface Run {
  readonly env?: Record<string, string>
  readonly command?: string
  /** What runs in the process before the script. */
  readonly before?: string
}

/** The script as the `dev` script of an app calls it, with a line of shell in place of Next. */
function start(madeWith: string, { env = {}, command = SHOW, before = '' }: Run = {}): ChildProcess {
  const imported = `data:text/javascript,${encodeURIComponent(before)}`
  const args = ['--import', imported, SCRIPT, '--for', madeWith, '--announce', '--', '/bin/sh', '-c', command]
  return spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_ENV: 'development', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function outcome(child: ChildProcess) {
  const streams = [child.stdout, child.stderr].map((stream) =>
    text(stream as NodeJS.ReadableStream & AsyncIterable<string>),
  )
  const [[code], out = '', err = ''] = await Promise.all([once(child, 'close'), ...streams] as const)
  return { code, out, err, last: out.trimEnd().split('\n').at(-1) ?? '' }
}

describe('the servers that an app needs', () => {
  const POSTGRES = { DATABASE_URL: 'postgres://a.example/b' }
  test.each<[env: Record<string, string>, madeWith: string, servers: string[]]>([
    [{}, 'cookie', []],
    [{}, 'redis', ['redis']],
    [{}, 'postgres', ['postgres']],
    [{ SESSION_STORE: '' }, 'memcached', ['memcached']],
    [{ SESSION_STORE: 'redis' }, 'cookie', ['redis']],
    [{ SESSION_STORE: 'redis', REDIS_URL: 'redis://mine.example' }, 'cookie', []],
    [{ SESSION_STORE: 'memcached' }, 'redis', ['memcached']],
    [{ SESSION_STORE: 'file' }, 'redis', []],
    [{ SESSION_STORE: 'memory' }, 'redis', []],
    [{ SESSION_STORE: 'database' }, 'cookie', []],
    [{ SESSION_STORE: 'database' }, 'postgres', ['postgres']],
    [{ SESSION_STORE: 'database', ...POSTGRES }, 'postgres', []],
    [{ DATABASE_URL: 'file:./a.db' }, 'postgres', []],
    [{ SESSION_STORE: 'redis', SESSION_MIGRATE_FROM: 'memcached' }, 'cookie', ['redis', 'memcached']],
    [{ SESSION_STORE: 'file', SESSION_MIGRATE_FROM: 'redis://a.example' }, 'cookie', []],
  ])('with %j, made with %s, are %j', (env, madeWith, servers) => {
    expect(serversNeeded(env, madeWith)).toEqual(servers)
  })
})

describe('a command', () => {
  test.each([
    ['redis', {}, /^redis\|redis:\/\/127\.0\.0\.1:\d+\|\|$/],
    ['postgres', {}, /^database\|\|\|postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres$/],
    ['cookie', { SESSION_STORE: 'memcached' }, /^memcached\|\|127\.0\.0\.1:\d+\|$/],
    ['cookie', { SESSION_STORE: 'redis', REDIS_URL: 'redis://mine' }, /^redis\|redis:\/\/mine\|\|$/],
    ['redis', { SESSION_STORE: 'cookie' }, /^cookie\|\|\|$/],
    ['sqlite', {}, /^database\|\|\|$/],
  ])('of an app made with %s and given %j has its server, and no other', async (madeWith, env, seen) => {
    expect(await outcome(start(madeWith, { env }))).toMatchObject({
      code: 0,
      last: expect.stringMatching(seen),
    })
  })

  test('has the server that .env.local names, but the shell goes before the file', async () => {
    await writeFile(join(folder, '.env.local'), 'SESSION_STORE=redis\n')

    expect((await outcome(start('cookie'))).last).toMatch(/^\|redis:/) // Next reads the file itself
    expect((await outcome(start('cookie', { env: { SESSION_STORE: 'file' } }))).last).toBe('file|||')
  })

  test('ends with its own exit code', async () => {
    expect((await outcome(start('redis', { command: 'exit 7' }))).code).toBe(7)
  })

  test('is announced to this folder and its owner alone, for as long as it runs', async () => {
    const note = 'node_modules/.cache/sess/servers.json'
    const { last } = await outcome(start('redis', { command: `stat -c %a ${note} || stat -f %Lp ${note}` }))

    expect(last).toBe('600')
    expect(await readdir(join(folder, 'node_modules/.cache/sess'))).toEqual([])
  })

  test('that ends leaves the announcement of a later one in the same folder', async () => {
    const note = join(folder, 'node_modules/.cache/sess/servers.json')
    const first = start('redis', { command: 'echo running; exec sleep 60' })
    await lineOf(first, /^running$/m)
    const later = start('redis', { command: 'echo running; exec sleep 60' })
    await lineOf(later, /^running$/m)
    for (const child of [first, later]) {
      expect(JSON.parse(await readFile(note, 'utf8'))).toMatchObject({ pid: later.pid })
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    expect(existsSync(note)).toBe(false)
  })
})

describe('on a machine', () => {
  /** It has these programs and no other; each notes its arguments, then runs a script. */
  async function machineWith(programs: Record<string, string>) {
    const bin = await mkdtemp(join(folder, 'bin-'))
    await chmod(bin, 0o755)
    for (const name of ['rm', 'sleep', 'cat']) await symlink(`/bin/${name}`, join(bin, name))
    await writeFile(join(folder, 'done'), '')
    await chmod(join(folder, 'done'), 0o666)
    for (const [name, script] of Object.entries(programs)) {
      await writeFile(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${folder}/done\n${script}\n`, {
        mode: 0o755,
      })
    }
    return { PATH: bin }
  }
  const done = async () => (await readFile(join(folder, 'done'), 'utf8')).trimEnd().split('\n')
  const READY = 'echo "Ready to accept connections"; exec sleep 60'

  test('without Redis, Valkey is started in its place', async () => {
    const env = await machineWith({ 'valkey-server': READY })

    expect(await outcome(start('redis', { env }))).toMatchObject({
      code: 0,
      last: expect.stringMatching(/^redis\|/),
    })
    expect(await done()).toEqual([expect.stringMatching(/^valkey-server --bind 127\.0\.0\.1 --port \d+ /)])
  })

  test('with neither, Docker runs it on loopback, and stops it', async () => {
    const env = await machineWith({
      docker: `[ "$1" = stop ] && kill $(cat ${folder}/pid)\n[ "$1" = run ] && echo $$ > ${folder}/pid && ${READY}`,
    })
    const { code, last } = await outcome(start('redis', { env }))

    expect({ code, last }).toEqual({
      code: 0,
      last: expect.stringMatching(/^redis\|redis:\/\/127\.0\.0\.1:\d+\|/),
    })
    const [run = '', stop] = await done()
    const [, name, image] = /^docker run --rm --name (\S+) -p 127\.0\.0\.1:\d+:6379 (\S+)/.exec(run) ?? []
    expect(stop).toBe(`docker stop ${name}`)
    expect(readFileSync('compose.yaml', 'utf8')).toContain(`image: ${image}`)
  })

  test("with neither, root installs Debian's package first", async () => {
    const env = await machineWith({ 'apt-get': '' })
    const { code, err } = await outcome(start('redis', { env, before: 'process.getuid = () => 0' }))

    expect(await done()).toEqual([
      'apt-get update',
      'apt-get install -y --no-install-recommends redis-server',
    ])
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('apt-get install redis-server') })
  })

  test('where another process took the port meanwhile, the server is started on another port', async () => {
    const taken = `[ -e ${folder}/tried ] || { echo > ${folder}/tried; echo "bind: Address already in use"; exit 1; }`
    const env = await machineWith({ 'redis-server': `${taken}; ${READY}` })
    await chmod(folder, 0o777)

    expect((await outcome(start('redis', { env }))).code).toBe(0)
    const ports = (await done()).map((line) => /--port (\d+)/.exec(line)?.[1])
    expect([ports.length, new Set(ports).size]).toEqual([2, 2])
  })

  test('where the port is taken each time, the third attempt is the last', async () => {
    const env = await machineWith({ 'redis-server': 'echo "bind: Address already in use"; exit 1' })

    expect(await outcome(start('redis', { env }))).toMatchObject({
      code: 1,
      err: expect.stringContaining('already in use'),
    })
    expect(await done()).toHaveLength(3)
  })

  test('a server that dies by itself is not stopped again: its number may be that of another process', async () => {
    const env = await machineWith({
      docker: `[ "$1" = run ] && echo $$ $PPID > ${folder}/pid && ${READY}`,
    })
    const child = start('redis', { env, command: 'echo running; exec sleep 60' })
    await lineOf(child, /^running$/m)
    const [pid, guard] = (await readFile(join(folder, 'pid'), 'utf8')).split(' ').map(Number)
    process.kill(Number(pid), 'SIGKILL')
    const groupIsGone = () => expect(() => process.kill(-Number(guard), 0)).toThrow('ESRCH')
    await vi.waitFor(groupIsGone, { timeout: 20_000 })

    expect(await done()).toEqual([expect.stringMatching(/^docker run /)])
    child.kill('SIGTERM')
    await once(child, 'exit')
  })

  test('where it does not start, the command is not run, and its output and each way out are shown', async () => {
    const env = await machineWith({ 'redis-server': 'echo "no such library"; exit 1' })
    const { code, out, err } = await outcome(start('redis', { env, command: 'echo started' }))

    expect({ code, out }).toEqual({ code: 1, out: '' })
    for (const words of ['no such library', 'apt-get install redis-server', 'Docker', 'REDIS_URL=…'])
      expect(err).toContain(words)
  })

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'where the script gets %s, the server ends and leaves no file',
    async (signal) => {
      const env = await machineWith({ 'redis-server': `echo $$ $PWD > ${folder}/done; ${READY}` })
      const child = start('redis', { env, command: 'echo running $$; exec sleep 60' })
      const [, command] = await lineOf(child, /^running (\d+)$/m)
      const [pid, cwd = ''] = (await done())[0]?.split(' ') ?? []
      child.kill(signal)
      await once(child, 'exit')

      await vi.waitUntil(() => !existsSync(cwd), { timeout: 20_000 })
      expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
      if (signal === 'SIGKILL') process.kill(Number(command)) // what no process can pass on
    },
  )
})

async function lineOf(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let out = ''
  for await (const chunk of child.stdout ?? []) {
    out += chunk
    const found = pattern.exec(out)
    if (found) return found
  }
  throw new Error(`Not in the output: ${out}`)
}

test('the containers are those of compose.yaml', () => {
  const compose = readFileSync('compose.yaml', 'utf8')
  for (const { container } of Object.values(SERVERS)) {
    expect(compose).toContain(`image: ${/\S+:\S+/.exec(container)?.[0]}`)
  }
})
