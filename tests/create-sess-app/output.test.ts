import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, inject, test } from 'vitest'
import { contentsOf, fakeCommand, newcomersEnvironment, newFolder, run, runByBash, runCommand } from './cli'

const QUICK = ['--yes', '--no-install', '--no-git', '--lean']
const FAULTS = new URL('./faults.mjs', import.meta.url).href

describe('npx from the tarball', () => {
  const npx = (cwd: string, ...args: string[]) =>
    runCommand(cwd, ['npx', '--yes', `--package=file:${inject('tarball')}`, 'create-sess-app', ...args], {
      npm_config_cache: join(newFolder(), 'cache'),
    })

  test('makes an app with nothing else from a registry', async () => {
    const cwd = newFolder()
    const { exitCode, stdout } = await npx(cwd, 'my-app', '--yes', '--no-install')

    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/\n {2}cd my-app\n {2}npm install\n {2}npm run dev\n/)
    expect(readdirSync(cwd)).toEqual(['my-app'])
  })

  test('passes a failure on as its own', async () => {
    const cwd = newFolder()

    expect(await npx(cwd, 'my-app', '--yse')).toMatchObject({ exitCode: 2 })
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe('--help', () => {
  test('fits one screen', async () => {
    const { exitCode, stdout, stderr } = await run(newFolder(), ['--help'])
    const lines = stdout.trimEnd().split('\n')

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(lines.length).toBeLessThanOrEqual(28)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('names each flag that the parser takes, and no other', async () => {
    const { stdout } = await run(newFolder(), ['--help'])
    const named = [...stdout.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm)].map(([, name]) => name as string)

    expect(named).toEqual([
      ...['store', 'only', 'lean', 'avoid-touch', 'pm', 'no-install', 'no-git', 'yes', 'force', 'dry-run'],
      ...['json', 'debug', 'version', 'help'],
    ])
    const values: Record<string, string> = { store: 'file', only: 'file', pm: 'npm' }
    for (const name of named) {
      const flags = [`--${name}`, values[name]].filter((each) => each !== undefined)
      expect(await run(newFolder(), ['my-app', ...flags, '--dry-run'])).toMatchObject({ exitCode: 0 })
    }
  })

  test('is printed whatever else is asked', async () => {
    const cwd = newFolder()

    expect(await run(cwd, ['my-app', '-h', '--yes'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('--help'),
    })
    expect(readdirSync(cwd)).toEqual([])
  })

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(inject('package'), 'package.json'), 'utf8'))

    expect(await run(newFolder(), ['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('without a terminal', () => {
  test.each([
    ['a closed standard input', '"$0" "$@" <&-', {}],
    ['an empty standard input', '"$0" "$@" </dev/null', {}],
    ['CI=1', '"$0" "$@"', { CI: '1' }],
  ])('%s takes the defaults and completes', async (_, line, env) => {
    const cwd = newFolder()
    const { exitCode, stdout } = await runByBash(cwd, line, ['my-app', '--no-install', '--no-git'], env)

    expect(exitCode).toBe(0)
    expect(stdout).toContain('my-app: sessions in a sealed cookie, ')
    expect(readdirSync(join(cwd, 'my-app', 'app'))).toContain('(course)')
  })

  test('a reader that goes away stops nothing', async () => {
    const cwd = newFolder()
    const line = 'set -o pipefail; "$0" "$@" | true'
    const { exitCode, stderr } = await runByBash(cwd, line, ['my-app', ...QUICK])

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(readdirSync(join(cwd, 'my-app'))).toContain('package.json')
  })

  test.each([
    ['pnpm/11.2.0 npm/? node/v24.0.0 linux x64', 'pnpm'],
    ['yarn/1.22.22 npm/? node/v24.0.0 linux x64', 'yarn'],
    ['bun/1.3.0 npm/? node/v24.0.0 linux x64', 'bun'],
    ['npm/11.0.0 node/v24.0.0 linux x64', 'npm'],
    ['unknown/1.0.0', 'npm'],
  ])('run by %s it uses %s', async (agent, packageManager) => {
    const { stdout } = await run(newFolder(), ['my-app', ...QUICK, '--json'], {
      env: { npm_config_user_agent: agent },
    })

    expect(JSON.parse(stdout).packageManager).toBe(packageManager)
  })
})

describe('--json', () => {
  test('is one object on stdout when it works', async () => {
    const cwd = newFolder()
    const { exitCode, stdout, stderr } = await run(cwd, ['my-app', ...QUICK, '--json', '--store', 'file'])

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      folder: join(cwd, 'my-app'),
      name: 'my-app',
      store: 'file',
      stores: ['cookie', 'file', 'sqlite', 'postgres', 'redis', 'memcached'],
      course: false,
      packageManager: 'npm',
      installed: false,
      git: 'not-asked',
      nodePinned: false,
      files: expect.any(Number),
      next: ['cd my-app', 'npm install', 'npm run dev'],
      warnings: [],
    })
  })

  test('has the notes in it', async () => {
    const options = { env: { PATH: '/nowhere' } }
    const { stdout, stderr } = await run(newFolder(), ['my-app', '--no-install', '--json'], options)

    expect(JSON.parse(stdout).warnings).toEqual(['git is not installed, so no repository was made.'])
    expect(stderr).toBe('')
  })

  test.each([
    ['a failure', ['my-app', '--json', '--yes'], 1, 'is not empty'],
    ['wrong usage', ['my-app', '--json', '--yse'], 2, "Unknown option '--yse'"],
    ['no name', ['--json'], 2, 'The name of the app is missing.'],
  ])('is one object on stdout for %s', async (_, args, expected, problem) => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'my-app'))
    writeFileSync(join(cwd, 'my-app', 'notes.txt'), 'mine')
    const { exitCode, stdout, stderr } = await run(cwd, args)

    expect({ exitCode, stderr }).toEqual({ exitCode: expected, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      error: { message: expect.stringContaining(problem), exitCode: expected },
    })
  })

  test('is one object on stdout for an install that fails', async () => {
    const env = { PATH: fakeCommand('npm', 'echo not this; exit 7') }
    const { exitCode, stdout, stderr } = await run(newFolder(), ['my-app', '--json', '--no-git'], { env })

    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
    expect(JSON.parse(stdout).error.message).toContain('npm install failed (7).')
  })
})

describe('--debug', () => {
  const TRACE = /\n\s+at \S+/

  test('shows where it failed', async () => {
    const options = { preload: [FAULTS], env: { FAULT: 'EIO@60' } }

    expect((await run(newFolder(), ['my-app', ...QUICK, '--debug'], options)).stderr).toMatch(TRACE)
    expect((await run(newFolder(), ['my-app', ...QUICK], options)).stderr).not.toMatch(TRACE)
  })

  test('shows what the package manager says, on stderr', async () => {
    const env = { PATH: fakeCommand('npm', 'echo added 1 package') }
    const args = ['my-app', '--yes', '--no-git']
    const { stdout, stderr } = await run(newFolder(), [...args, '--debug'], { env })

    expect(stderr).toContain('added 1 package')
    expect(stdout).not.toContain('added 1 package')
    expect((await run(newFolder(), args, { env })).stderr).toBe('')
  })
})

describe('--dry-run', () => {
  test.each([['--lean'], ['--only=redis']])('with %s writes nothing, and names every file', async (flag) => {
    const cwd = newFolder()
    const { exitCode, stdout, stderr } = await run(cwd, ['x/my-app', '--yes', '--dry-run', flag])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(readdirSync(cwd)).toEqual([])

    await run(cwd, ['x/my-app', '--yes', '--no-install', '--no-git', flag])
    const named = [...stdout.matchAll(/^write {5}x\/my-app\/(.*)$/gm)].map(([, path]) => path)
    const made = Object.keys(contentsOf(join(cwd, 'x', 'my-app'))).filter((path) => !path.endsWith('/'))
    expect(named.sort()).toEqual(made.sort())
    expect(stdout).toContain(`${made.length} files; nothing was written.\n`)
  })
})

describe('the README', () => {
  const readme = () => anyCount(readFileSync(join(inject('package'), 'README.md'), 'utf8'))
  /** The template grows; its README need not follow each file. */
  const anyCount = (text: string) => text.replace(/\d+ files/, 'N files')

  test('shows how a run ends', async () => {
    const env = { PATH: fakeCommand('npm', 'mkdir node_modules') }
    const { stdout } = await run(newFolder(), ['my-app', '--yes', '--no-git'], { env })
    const end = anyCount(stdout.slice(stdout.indexOf('\n\nmy-app: ') + 2))

    expect(readme()).toContain(`\n\n${end}\`\`\``)
  })

  test('shows the commands as --help does', async () => {
    const { stdout } = await run(newFolder(), ['--help'])

    expect(readme()).toContain(`\n${stdout.slice(0, stdout.indexOf('\n\n'))}\n\`\`\``)
  })
})

test('--avoid-touch is in the environment of the app and in its example', async () => {
  const cwd = newFolder()
  await run(cwd, ['my-app', ...QUICK, '--avoid-touch'])
  const app = contentsOf(join(cwd, 'my-app'))

  expect(parseEnv(app['.env.local'] ?? '').SESSION_AVOID_TOUCH).toBe('true')
  expect(parseEnv(app['.env.example'] ?? '').SESSION_AVOID_TOUCH).toBe('true')
})

describe('the next steps', () => {
  test.each([
    'my-app',
    'a folder with spaces',
    `it's "quoted" $HOME`,
    'x/y; echo no',
    '`date` & more',
    'naïve',
    '~tilde',
  ])('can be pasted into a shell: %s', async (name) => {
    const cwd = newFolder()
    const { stdout } = await run(cwd, [name, ...QUICK, '--json'])
    const { next } = JSON.parse(stdout) as { next: string[] }
    const bash = execFileSync('bash', ['--norc', '-es'], {
      cwd,
      input: next.join('\n'),
      encoding: 'utf8',
      env: newcomersEnvironment({ PATH: fakeCommand('npm', 'echo "$PWD: npm $*"') }),
    })

    expect(next.length).toBeLessThanOrEqual(8)
    expect(bash).toBe(`${join(cwd, name)}: npm install\n${join(cwd, name)}: npm run dev\n`)
  })

  test.each([
    ['npm', ['npm install', 'npm run dev']],
    ['pnpm', ['pnpm install', 'pnpm dev']],
    ['yarn', ['yarn install', 'yarn dev']],
    ['bun', ['bun install', 'bun run dev']],
  ])('are those of %s, and end a short, quiet run', async (packageManager, commands) => {
    const { stdout } = await run(newFolder(), ['my-app', ...QUICK, '--pm', packageManager])
    const end = ['cd my-app', ...commands].map((line) => `  ${line}\n`).join('')

    expect(stdout.endsWith(`\n\n${end}\nThen open http://localhost:3000.\n`)).toBe(true)
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(8)
  })

  test('have no comment in them: zsh would pass it on as arguments', async () => {
    const { stdout } = await run(newFolder(), ['my-app', ...QUICK])

    expect(stdout).not.toContain('#')
  })

  test('leave out what is done already', async () => {
    const cwd = newFolder()
    const PATH = fakeCommand('npm', 'mkdir node_modules')
    const { stdout } = await run(cwd, ['.', '--yes', '--no-git', '--json'], { env: { PATH } })

    expect(JSON.parse(stdout).next).toEqual(['npm run dev'])
  })
})
