import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  contentsOf,
  fakeCommand,
  gitConfig,
  newcomersEnvironment,
  newFolder,
  type RunOptions,
  run,
} from './cli'

const QUICK = ['--yes', '--no-install', '--lean']
const IDENTITY = '[user]\n\tname = Newcomer\n\temail = newcomer@example.com\n'

const git = (folder: string, ...args: string[]) =>
  execFileSync('git', args, { cwd: folder, env: newcomersEnvironment(), encoding: 'utf8' }).trimEnd()

async function makeApp(env: RunOptions['env'] = {}, flags: readonly string[] = []) {
  const cwd = newFolder()
  const outcome = await run(cwd, ['my-app', ...QUICK, ...flags], { env })
  return { ...outcome, app: join(cwd, 'my-app') }
}

describe('the repository of an app', () => {
  test('has one commit of everything on main, by who git says you are', async () => {
    const { exitCode, stderr, app } = await makeApp()

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(git(app, 'log', '--format=%an <%ae> %s')).toBe(
      'Newcomer <newcomer@example.com> chore: start with create-sess-app',
    )
    expect(git(app, 'branch', '--show-current')).toBe('main')
    expect(git(app, 'status', '--porcelain')).toBe('')
  })

  test('has the default branch that you chose', async () => {
    const config = gitConfig(`${IDENTITY}[init]\n\tdefaultBranch = trunk\n`)
    const { app } = await makeApp({ GIT_CONFIG_GLOBAL: config })

    expect(git(app, 'branch', '--show-current')).toBe('trunk')
  })

  test('takes the identity of the environment, as in CI', async () => {
    const { app } = await makeApp({
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'Robot',
      GIT_AUTHOR_EMAIL: 'robot@example.com',
      GIT_COMMITTER_NAME: 'Robot',
      GIT_COMMITTER_EMAIL: 'robot@example.com',
    })

    expect(git(app, 'log', '--format=%an')).toBe('Robot')
  })

  test('is there without a commit when git does not know who you are, and says what to do', async () => {
    const { exitCode, stderr, app } = await makeApp({ GIT_CONFIG_GLOBAL: '/dev/null' })

    expect(exitCode).toBe(0)
    expect(stderr).toContain('Note: git does not know your name, so nothing is committed yet.')
    expect(() => git(app, 'rev-parse', '--verify', '--quiet', 'HEAD')).toThrow()
    git(app, 'add', '--all')
    git(app, 'commit', '--quiet', '--message', 'as the note says')
  })

  test('is not there without git, which is said', async () => {
    const { exitCode, stderr, app } = await makeApp({ PATH: '/nowhere' })

    expect(exitCode).toBe(0)
    expect(stderr).toBe('Note: git is not installed, so no repository was made.\n')
    expect(readdirSync(app)).not.toContain('.git')
  })

  test('is not there with --no-git', async () => {
    const { exitCode, stderr, app } = await makeApp({}, ['--no-git'])

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(readdirSync(app)).not.toContain('.git')
  })

  test('is not there when git cannot make it, which is said', async () => {
    const PATH = fakeCommand('git', 'test "$3" = --version')
    const { exitCode, stderr, app } = await makeApp({ PATH })

    expect(exitCode).toBe(0)
    expect(stderr).toBe('Note: git could not make a repository.\n')
    expect(readdirSync(app)).not.toContain('.git')
  })

  test('gets its commit although you sign yours with a key that cannot be used', async () => {
    const config = gitConfig(
      `${IDENTITY}\tsigningkey = 0000000000000000\n[commit]\n\tgpgsign = true\n[gpg]\n\tprogram = /bin/false\n`,
    )
    const { stderr, app } = await makeApp({ GIT_CONFIG_GLOBAL: config })

    expect(stderr).toBe('')
    expect(git(app, 'rev-list', '--count', 'HEAD')).toBe('1')
  })

  test.each(['pre-commit', 'prepare-commit-msg', 'commit-msg', 'post-commit', 'reference-transaction'])(
    'gets its commit although a %s hook of your template refuses it',
    async (hook) => {
      const template = newFolder()
      mkdirSync(join(template, 'hooks'))
      writeFileSync(join(template, 'hooks', hook), '#!/bin/sh\necho no >&2\nexit 1\n', { mode: 0o755 })
      const config = gitConfig(`${IDENTITY}[init]\n\ttemplateDir = ${template}\n`)
      const { exitCode, stderr, app } = await makeApp({ GIT_CONFIG_GLOBAL: config })

      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(git(app, 'rev-list', '--count', 'HEAD')).toBe('1')
    },
  )

  test('is its own, also inside a hook, where git names another in GIT_DIR', async () => {
    const other = newFolder()
    git(other, 'init', '--quiet')
    const before = contentsOf(other)
    const { stderr, app } = await makeApp({
      GIT_DIR: join(other, '.git'),
      GIT_WORK_TREE: other,
      GIT_INDEX_FILE: join(other, '.git', 'index'),
    })

    expect(stderr).toBe('')
    expect(git(app, 'rev-list', '--count', 'HEAD')).toBe('1')
    expect(contentsOf(other)).toEqual(before)
  })
})

describe('inside a repository', () => {
  test('an app gets none of its own, and the outer one is not touched', async () => {
    const cwd = newFolder()
    git(cwd, 'init', '--quiet')
    const before = contentsOf(cwd)
    const { exitCode, stderr } = await run(cwd, ['apps/my-app', ...QUICK])

    expect(exitCode).toBe(0)
    expect(stderr).toContain('is inside a git repository, so no new repository was made.')
    expect(readdirSync(join(cwd, 'apps', 'my-app'))).not.toContain('.git')
    expect(contentsOf(cwd, ['apps'])).toEqual(before)
  })

  test('of somebody else, of which git does not speak, neither', async () => {
    const cwd = newFolder()
    git(cwd, 'init', '--quiet')
    const env = { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' }
    const { stderr } = await run(cwd, ['my-app', ...QUICK], { env })

    expect(stderr).toContain('is inside a git repository, so no new repository was made.')
    expect(readdirSync(join(cwd, 'my-app'))).not.toContain('.git')
  })

  test('that is the folder itself, the files are added to what is there', async () => {
    const cwd = newFolder()
    git(cwd, 'init', '--quiet')
    const { exitCode } = await run(cwd, ['.', ...QUICK])

    expect(exitCode).toBe(0)
    expect(git(cwd, 'status', '--porcelain', 'package.json', '.env.local')).toBe('?? package.json')
  })
})

test('a Ctrl-C that meets git leaves no repository, and does not say that nothing was written', async () => {
  const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim()
  const PATH = fakeCommand(
    'git',
    `case "$*" in *commit*) kill -INT $PPID; exit 130;; esac; exec ${real} "$@"`,
  )
  const { exitCode, stderr, app } = await makeApp({ PATH })

  expect(exitCode).toBe(130)
  expect(stderr).toContain('Interrupted. The files of the app are complete.')
  expect(readdirSync(app)).toContain('package.json')
  expect(readdirSync(app)).not.toContain('.git')
})

describe('the secret', () => {
  test('is fresh in each app', async () => {
    const [one, other] = [await makeApp(), await makeApp()]
    const secretOf = ({ app }: { app: string }) =>
      parseEnv(contentsOf(app)['.env.local'] ?? '').SESSION_SECRET

    expect(Buffer.from(secretOf(one) ?? '', 'base64url')).toHaveLength(32)
    expect(secretOf(other)).not.toBe(secretOf(one))
  })

  test('is for its owner alone, whatever the umask', async () => {
    const { app } = await makeApp()

    expect(execFileSync('ls', ['-l', join(app, '.env.local')], { encoding: 'utf8' })).toMatch(/^-rw------- /)
  })

  test('is in .env.local and nowhere else: not in the first commit, not in .env.example', async () => {
    const { app } = await makeApp()
    const secret = parseEnv(contentsOf(app)['.env.local'] ?? '').SESSION_SECRET as string

    expect(git(app, 'check-ignore', '.env.local')).toBe('.env.local')
    expect(git(app, 'log', '--patch', '--all')).not.toContain(secret)
    const files = Object.entries(contentsOf(app)).filter(([, text]) => text.includes(secret))
    expect(files.map(([path]) => path)).toEqual(['.env.local'])
    expect(parseEnv(contentsOf(app)['.env.example'] ?? '').SESSION_SECRET ?? '').toBe('')
  })
})
