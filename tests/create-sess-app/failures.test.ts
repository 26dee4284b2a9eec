import { chmodSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freePort } from '../free-port'
import { expectNoneLeft, fakeCommand, newFolder, run, runByBash } from './cli'

const QUICK = ['--yes', '--no-install', '--no-git', '--lean']
const FAULTS = new URL('./faults.mjs', import.meta.url).href
/** Root may write anywhere: it becomes nobody once Node has started. */
const AS_NOBODY =
  process.getuid?.() === 0
    ? ['data:text/javascript,process.setgroups([]);process.setgid(65534);process.setuid(65534)']
    : []

const preloadOf = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`

describe('the disk', () => {
  test('without permission to write: the folder and the remedy, exit code 1', async () => {
    const cwd = newFolder()
    chmodSync(cwd, 0o555)

    expect(await run(cwd, ['my-app', ...QUICK], { preload: AS_NOBODY })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `Cannot write to ${join(cwd, 'my-app')}: no permission. Choose a folder that you may write to.\n`,
    })
    expect(readdirSync(cwd)).toEqual([])
  })

  test('without permission to look: the same', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'closed'))
    chmodSync(cwd, 0o755)
    chmodSync(join(cwd, 'closed'), 0o000)
    const { exitCode, stderr } = await run(cwd, ['closed/my-app', ...QUICK], { preload: AS_NOBODY })
    chmodSync(join(cwd, 'closed'), 0o700) // for the cleaning

    expect(exitCode).toBe(1)
    expect(stderr).toBe(
      `Cannot read ${join(cwd, 'closed', 'my-app')}: no permission. Choose a folder that you may write to.\n`,
    )
  })

  test('that is full: nothing of the app is left, exit code 1', async () => {
    const cwd = newFolder()

    expect(
      await run(cwd, ['x/my-app', ...QUICK], { preload: [FAULTS], env: { FAULT: 'ENOSPC@40-' } }),
    ).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^Cannot write to \S+\/x\/my-app \(\S+\/x\/my-app\/[\w/.-]+\): the disk is full\. Free some space and run the same command again\.\n$/,
      ),
    })
    expect(readdirSync(cwd)).toEqual([])
  })

  test('that takes no file of this size, by a real limit: nothing of the app is left', async () => {
    const cwd = newFolder()
    const line = 'ulimit -f 8; exec "$0" "$@"'
    const { exitCode, stderr } = await runByBash(cwd, line, ['my-app', ...QUICK])

    expect(exitCode).toBe(1)
    expect(stderr).toContain('a file may not be this large here. Raise the limit (ulimit -f)')
    expect(readdirSync(cwd)).toEqual([])
  })

  test.each(['EACCES', 'EROFS', 'EDQUOT', 'EXDEV', 'EMFILE'])(
    'that answers %s half-way: one line, and nothing of the app is left',
    async (code) => {
      const cwd = newFolder()
      const options = { preload: [FAULTS], env: { FAULT: `${code}@60` } }
      const { exitCode, stderr } = await run(cwd, ['my-app', ...QUICK], options)

      expect(exitCode).toBe(1)
      expect(stderr).toMatch(/^Cannot write to .*\.\n$/)
      expect(readdirSync(cwd)).toEqual([])
    },
  )

  test('that fails in a way nobody thought of: said to be so, without a stack trace', async () => {
    const cwd = newFolder()
    const options = { preload: [FAULTS], env: { FAULT: 'EIO@60' } }
    const { exitCode, stderr } = await run(cwd, ['my-app', ...QUICK], options)

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^Unexpected: EIO: .*\nRun it with --debug to see where\..*\n$/)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('whose folder was removed under the shell', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'gone'))
    const line = 'cd gone && rmdir ../gone && exec "$0" "$@"'
    const { exitCode, stderr } = await runByBash(cwd, line, ['my-app', ...QUICK])

    expect(exitCode).toBe(1)
    expect(stderr).toBe('The current folder was removed. Change to another one: cd\n')
  })
})

describe('any one change to the disk', () => {
  // Every 13th, up to the first that is one too many, and then the last.
  const sweep = async (fault: string, check: (exitCode: number | null, cwd: string) => void) => {
    const isHit = async (at: number) => {
      const cwd = newFolder()
      const { exitCode } = await run(cwd, ['x/my-app', ...QUICK], {
        preload: [FAULTS],
        env: { FAULT: `${fault}@${at}` },
      })
      if (exitCode !== 0) check(exitCode, cwd)
      return exitCode !== 0
    }
    let at = 1
    let hits = 0
    for (; await isHit(at); at += 13) hits += 1
    for (at -= 1; !(await isHit(at)); ) at -= 1
    expect(hits).toBeGreaterThan(8)
  }

  test('may fail: nothing of the app is left, nor of the folders above it', async () => {
    await sweep('ENOSPC', (exitCode, cwd) => {
      expect(exitCode).toBe(1)
      expect(readdirSync(cwd)).toEqual([])
    })
  })

  test('may meet a Ctrl-C: nothing of the app is left', async () => {
    await sweep('SIGINT', (exitCode, cwd) => {
      expect(exitCode).toBe(130)
      expect(readdirSync(cwd)).toEqual([])
    })
  })
})

describe('an interruption while files are written', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('by %s says that nothing was written, and ends with %i', async (signal, exitCode) => {
    const cwd = newFolder()

    expect(
      await run(cwd, ['my-app', ...QUICK], { preload: [FAULTS], env: { FAULT: `${signal}@50` } }),
    ).toEqual({ exitCode, stdout: '', stderr: '\nInterrupted. Nothing was written.\n' })
    expect(readdirSync(cwd)).toEqual([])
  })

  test('with --json is still one object', async () => {
    const cwd = newFolder()
    const options = { preload: [FAULTS], env: { FAULT: 'SIGINT@50' } }
    const { exitCode, stdout, stderr } = await run(cwd, ['my-app', ...QUICK, '--json'], options)

    expect(exitCode).toBe(130)
    expect(JSON.parse(stdout)).toEqual({
      error: { message: 'Interrupted. Nothing was written.', exitCode: 130 },
    })
    expect(stderr).toBe('')
  })
})

describe('an install', () => {
  const INSTALL = ['my-app', '--yes', '--no-git', '--lean', '--pm', 'npm']
  const filesOf = (cwd: string) => readdirSync(join(cwd, 'my-app'))

  test('without a network: what npm says, the way on, exit code 1, and the files are complete', async () => {
    const cwd = newFolder()
    const { exitCode, stdout, stderr } = await run(cwd, INSTALL, {
      env: {
        npm_config_registry: `http://127.0.0.1:${await freePort()}/`,
        npm_config_cache: join(newFolder(), 'cache'),
        npm_config_fetch_retries: '0',
      },
    })

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /^npm install failed \(1\)\.\nThe package registry cannot be reached \(ECONNREFUSED\): check the network/,
    )
    expect(stderr).not.toMatch(/ {2}at \S/)
    expect(stderr).toContain(
      `The app in ${join(cwd, 'my-app')} is complete except for its packages. Try again with: cd my-app && npm install\n`,
    )
    expect(stdout).not.toContain('open http')
    expect(filesOf(cwd)).toContain('package.json')
    expect(filesOf(cwd)).not.toContain('node_modules')
  })

  test('that fails half-way: its packages are gone, the files are complete', async () => {
    const cwd = newFolder()
    const PATH = fakeCommand('npm', 'mkdir -p node_modules/next\necho "npm error: no" >&2\nexit 7')
    const { exitCode, stderr } = await run(cwd, INSTALL, { env: { PATH } })

    expect(exitCode).toBe(1)
    expect(stderr).toContain('npm install failed (7).\nnpm error: no\n')
    expect(filesOf(cwd)).toContain('.env.local')
    expect(filesOf(cwd)).not.toContain('node_modules')
  })

  test('that fails in a folder that had packages leaves those', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'my-app', 'node_modules', 'mine'), { recursive: true })
    const PATH = fakeCommand('npm', 'exit 7')
    const { exitCode } = await run(cwd, [...INSTALL, '--force'], { env: { PATH } })

    expect(exitCode).toBe(1)
    expect(readdirSync(join(cwd, 'my-app', 'node_modules'))).toEqual(['mine'])
  })

  test('that is killed names the signal', async () => {
    const cwd = newFolder()
    const { exitCode, stderr } = await run(cwd, INSTALL, { env: { PATH: fakeCommand('npm', 'kill -9 $$') } })

    expect(exitCode).toBe(1)
    expect(stderr).toContain('npm install failed (SIGKILL).')
  })

  test('that fails and leaves a process behind: that ends too', async () => {
    const cwd = newFolder()
    const PATH = fakeCommand('npm', 'sleep 600 &\necho $! > "$PIDS/left"\nexit 7')
    const PIDS = newFolder()
    const { exitCode } = await run(cwd, INSTALL, { env: { PATH, PIDS } })

    expect(exitCode).toBe(1)
    await expectNoneLeft(PIDS, ['left'])
  })

  test.each(['pnpm', 'yarn', 'bun'])('with %s where there is none says so', async (packageManager) => {
    const cwd = newFolder()
    const { exitCode, stderr } = await run(cwd, [...INSTALL.slice(0, -1), packageManager], {
      env: { PATH: '/nowhere' },
    })

    expect(exitCode).toBe(1)
    expect(stderr).toContain(
      `${packageManager} is not on the PATH. Install it, or choose another with --pm.\n`,
    )
    expect(filesOf(cwd)).toContain('package.json')
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('that is interrupted by %s leaves no process and no packages', async (signal, expected) => {
    const [cwd, PIDS] = [newFolder(), newFolder()]
    // npm, a package's script and what that started; then the signal that ends the command above them.
    const PATH = fakeCommand(
      'npm',
      `mkdir node_modules
sh -c 'sleep 600 & echo $! > "$PIDS/grandchild"; wait' &
echo $! > "$PIDS/child"
echo $$ > "$PIDS/npm"
while [ ! -s "$PIDS/grandchild" ]; do sleep 0.01; done
kill -${signal.slice(3)} $PPID
wait`,
    )
    const { exitCode, stderr } = await run(cwd, INSTALL, { env: { PATH, PIDS } })

    expect(exitCode).toBe(expected)
    expect(stderr).toBe(
      '\nInterrupted. The app is complete except for its packages. Install the packages with: cd my-app && npm install\n',
    )
    await expectNoneLeft(PIDS, ['npm', 'child', 'grandchild'])
    expect(filesOf(cwd)).toContain('package.json')
    expect(filesOf(cwd)).not.toContain('node_modules')
  })
})

describe('Node', () => {
  test.each(['18.20.8', '20.11.1', '16.0.0'])(
    '%s is too old, which is said before anything else',
    async (version) => {
      const cwd = newFolder()
      const preload = [
        preloadOf(
          `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
        ),
      ]

      expect(await run(cwd, ['my-app', ...QUICK], { preload })).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: `create-sess-app needs Node 20.12 or later; this is ${version}. https://nodejs.org has it.\n`,
      })
      expect(readdirSync(cwd)).toEqual([])
    },
  )

  test('too old, with --json, is one object', async () => {
    const preload = [preloadOf(`Object.defineProperty(process, 'versions', { value: { node: '18.20.8' } })`)]
    const { exitCode, stdout } = await run(newFolder(), ['my-app', '--json'], { preload })

    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toEqual({
      error: { message: expect.stringContaining('needs Node 20.12'), exitCode: 1 },
    })
  })
})

describe('wrong usage, with exit code 2,', () => {
  test.each([
    [['my-app', '--yse'], "Unknown option '--yse'. See --help.\n"],
    [['my-app', '-x'], "Unknown option '-x'. See --help.\n"],
    [
      ['my-app', '--store', 'mysql'],
      '--store is "mysql"; it must be one of cookie, file, database, sqlite, postgres, redis, memcached.\n',
    ],
    [['my-app', '--pm', 'deno'], '--pm is "deno"; it must be one of npm, pnpm, yarn, bun.\n'],
    [
      ['my-app', '--store='],
      '--store is ""; it must be one of cookie, file, database, sqlite, postgres, redis, memcached.\n',
    ],
    [
      ['my-app', '--only', 'redis', '--store', 'file'],
      '--only redis leaves out the store of --store file. Use only one of the two flags.\n',
    ],
    [
      ['my-app', '--only', 'database', '--store', 'redis'],
      '--only database leaves out the store of --store redis. Use only one of the two flags.\n',
    ],
    [['add', '--only', 'redis'], '--only cannot be used with add. See --help.\n'],
    [['my-app', '--store'], "Option '--store <value>' argument missing. See --help.\n"],
    [['my-app', '--yes=1'], "Option '-y, --yes' does not take an argument. See --help.\n"],
  ])('is %j', async (args, problem) => {
    const cwd = newFolder()

    expect(await run(cwd, args)).toEqual({ exitCode: 2, stdout: '', stderr: problem })
    expect(readdirSync(cwd)).toEqual([])
  })

  test.each([{}, { CI: '1' }])('is no name without a terminal (%j): how to say it', async (env) => {
    const cwd = newFolder()
    const { exitCode, stdout, stderr } = await run(cwd, [], { env })

    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^The name of the app is missing\.\n\ncreate-sess-app <folder> /)
    expect(readdirSync(cwd)).toEqual([])
  })
})
