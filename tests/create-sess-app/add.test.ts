import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, inject, test } from 'vitest'
import { storeOf } from '@/create-sess-app/src/stores'
import {
  APP,
  cli,
  commitAll,
  folderWith,
  git,
  OFFLINE,
  read,
  SRC_APP,
  scriptsNamedIn,
  treeOf,
  write,
} from './apps'
import { bin, fakeCommand, runCommand } from './cli'
import { KEY, openTerminal } from './terminal'

const ADD = ['add', '--no-install']

/** An app with one file changed or added. */
const appWith = (files: Readonly<Record<string, string>>) => folderWith({ ...APP, ...files })

const withPackages = (packages: Readonly<Record<string, string>>) =>
  appWith({ 'package.json': JSON.stringify({ dependencies: { next: '16.4.6', ...packages } }) })

const storesOf = (folder: string) =>
  [...read(folder, 'lib/session/stores/installed.ts').matchAll(/^export \{ about as (\w+) \}/gm)].map(
    ([, kind]) => kind,
  )

describe('an app', () => {
  test('gets lib/session, proxy.ts, instrumentation.ts and a secret, by npx too', async () => {
    const folder = folderWith(APP)
    const npx = ['--yes', `--package=file:${inject('tarball')}`, 'create-sess-app', ...ADD]
    const env = { ...OFFLINE, npm_config_cache: join(folderWith({}), 'cache') }
    expect(await runCommand(folder, ['npx', ...npx], env)).toMatchObject({ exitCode: 0 })
    expect(Object.keys(treeOf(folder))).toEqual(
      expect.arrayContaining([
        '.env.example',
        '.env.local',
        'instrumentation.ts',
        'lib/session/index.ts',
        'lib/session/session-data.ts',
        'proxy.ts',
      ]),
    )
    expect(read(folder, 'app/page.tsx')).toBe(APP['app/page.tsx'])
  })

  test('under src gets all of it there, but for the variables', async () => {
    const folder = folderWith(SRC_APP)
    await cli(folder, ADD)
    const added = Object.keys(treeOf(folder)).filter((path) => !(path in SRC_APP))
    expect(added.filter((path) => !path.startsWith('src/'))).toEqual(['.env.example', '.env.local'])
    expect(added).toEqual(expect.arrayContaining(['src/proxy.ts', 'src/lib/session/index.ts']))
  })

  test('gets no policy for its scripts: it may have one of its own', async () => {
    const folder = folderWith(APP)
    await cli(folder, ADD)
    expect(read(folder, 'proxy.ts')).not.toMatch(/policy/i)
    expect(read(folder, 'proxy.ts')).toContain('return touchSession(request)\n')
  })

  test.each(['cookie', 'file', 'sqlite', 'postgres', 'redis', 'memcached'])(
    'with the store %s is told of no npm script but those of create-next-app',
    async (store) => {
      const folder = folderWith(APP)
      await cli(folder, [...ADD, '--store', store])
      expect(storesOf(folder)).toContain(store)
      const unknown = scriptsNamedIn(folder).filter(({ script }) => !/^(?:dev|build|start)$/.test(script))
      expect(unknown).toEqual([])
    },
  )

  test('without --store has the cookie store and the one for tests', async () => {
    const folder = folderWith(APP)
    await cli(folder, ADD)
    expect(storesOf(folder)).toEqual(['cookie', 'memory'])
    expect(treeOf(folder)).not.toHaveProperty('lib/session/stores/redis/index.ts')
  })

  test.each([
    [{}, 'sqlite'],
    [{ '.env': 'DATABASE_URL=file:./a.db\n' }, 'sqlite'],
    [{ '.env.local': 'DATABASE_URL=postgres://a.example/b\n' }, 'postgres'],
  ])('with --store database and %j has the one of %s', async (files, store) => {
    const folder = folderWith({ ...APP, ...files })
    await cli(folder, [...ADD, '--store', 'database'], { env: { DATABASE_URL: undefined } })
    expect(storesOf(folder)).toEqual([store, 'memory'].sort())
  })

  test('is told which packages to install when that is not done', async () => {
    const { stdout } = await cli(folderWith(APP), [...ADD, '--store', 'postgres'])
    expect(stdout).toMatch(/^npm install .*--save-exact cookie@\S+ .*pg@/m)
    expect(stdout).toMatch(/^npm install .*--save-dev @types\/pg@/m)
  })
})

describe('the import in proxy.ts', () => {
  const aliases = [
    ['@/', '{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }', '@/lib/session'],
    ['~/', '{ "compilerOptions": { "baseUrl": ".", "paths": { "~/*": ["*"] } } }', '~/lib/session'],
    ['no alias', '{}', './lib/session'],
    [
      'an alias for another folder',
      '{ "compilerOptions": { "paths": { "@/*": ["./app/*"] } } }',
      './lib/session',
    ],
    [
      'comments and last commas',
      '\uFEFF{\n  // "paths": { "#/*": ["./*"] }\n  "compilerOptions": { /* "//" */ "paths": { "@/*": ["./*",], }, },\n}',
      '@/lib/session',
    ],
  ] as const
  test.each(aliases)('follows a tsconfig.json with %s', async (_, tsconfig, expected) => {
    const folder = appWith({ 'tsconfig.json': tsconfig })
    await cli(folder, ADD)
    expect(read(folder, 'proxy.ts')).toContain(`import { touchSession } from '${expected}'`)
  })
})

describe('the package manager', () => {
  test.each([
    ['package-lock.json', 'npm install'],
    ['pnpm-lock.yaml', 'pnpm add --save-exact'],
    ['yarn.lock', 'yarn add --exact'],
    ['bun.lock', 'bun add --exact'],
  ])('of %s is the one', async (lockFile, command) => {
    const { stdout } = await cli(appWith({ [lockFile]: '' }), ADD)
    expect(stdout).toContain(`\n${command}`)
  })

  test('of the lock file above an app of a workspace is the one', async () => {
    const folder = folderWith({
      'pnpm-lock.yaml': '',
      ...Object.fromEntries(Object.entries(APP).map(([path, text]) => [`apps/web/${path}`, text])),
    })
    await git(folder, 'init', '--quiet')
    const { stdout } = await cli(join(folder, 'apps/web'), ADD)
    expect(stdout).toContain('\npnpm add')
  })

  test('that runs the command is the one where there is no lock file', async () => {
    const env = { npm_config_user_agent: 'bun/1.4.5 npm/? node/v24' }
    const { stdout } = await cli(folderWith(APP), ADD, { env })
    expect(stdout).toContain('\nbun add')
  })

  test('that fails leaves complete files, the command to run again, and exit code 1', async () => {
    const folder = folderWith(APP)
    const { exitCode, stderr } = await cli(folder, ['add'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /The files are complete; the packages are not\. Try again with: npm install .*zod@/,
    )
    expect(read(folder, 'lib/session/index.ts')).not.toBe('')
  })
})

describe('a file of yours', () => {
  test.each(['proxy.ts', 'proxy.js', 'middleware.ts', 'src/proxy.ts', 'src/middleware.ts'])(
    '%s stays as it is, and you are shown the lines for it',
    async (path) => {
      const folder = folderWith({ ...(path.startsWith('src/') ? SRC_APP : APP), [path]: '// mine\n' })
      const { stdout } = await cli(folder, ADD)
      expect(read(folder, path)).toBe('// mine\n')
      expect(stdout).toContain(`${path} is your file, so it was not changed. Add these lines:`)
      expect(stdout).toContain("import { touchSession } from '@/lib/session'")
      expect(Object.keys(treeOf(folder)).filter((name) => /(?:proxy|middleware)\./.test(name))).toEqual([
        path,
      ])
    },
  )

  test('middleware.ts has to become a proxy first: it does not run on Node', async () => {
    const { stdout } = await cli(appWith({ 'middleware.ts': '// mine\n' }), ADD)
    expect(stdout).toContain('middleware-to-proxy')
  })

  test.each(['instrumentation.ts', 'src/instrumentation.ts'])(
    '%s stays as it is, and you are shown the lines for it',
    async (path) => {
      const folder = folderWith({ ...(path.startsWith('src/') ? SRC_APP : APP), [path]: '// mine\n' })
      const { stdout } = await cli(folder, ADD)
      expect(read(folder, path)).toBe('// mine\n')
      expect(stdout).toContain("await import('./lib/session/start')")
      expect(stdout).not.toContain('export async function register')
    },
  )

  test('that has the lines already is not spoken of', async () => {
    const { stdout } = await cli(appWith({ 'proxy.ts': 'touchSession\n' }), ADD)
    expect(stdout).not.toContain('proxy.ts')
  })

  test('in the place of lib/session stops it before anything is written', async () => {
    const folder = appWith({ 'lib/session/index.ts': '// mine\n', 'lib/session/core/keys.ts': '// mine\n' })
    const before = treeOf(folder)
    const { exitCode, stderr } = await cli(folder, ADD)
    expect([exitCode, stderr]).toEqual([
      1,
      'These files are in the way: lib/session/core/keys.ts, lib/session/index.ts. Move them, or let --force overwrite them, and nothing else.\n',
    ])
    expect(treeOf(folder)).toEqual(before)
  })

  test('in the place of lib/session is overwritten by --force, and no other', async () => {
    const folder = appWith({
      'lib/session/index.ts': '// mine\n',
      'lib/session/of-mine.ts': '// mine\n',
      'lib/session/session-data.ts': '// my keys\n',
    })
    expect((await cli(folder, [...ADD, '--force'])).exitCode).toBe(0)
    expect(read(folder, 'lib/session/index.ts')).not.toContain('// mine')
    expect(read(folder, 'lib/session/of-mine.ts')).toBe('// mine\n')
    expect(read(folder, 'lib/session/session-data.ts')).toBe('// my keys\n')
  })

  test('called lib/session.ts stops it: imports would find that, and not the folder', async () => {
    const folder = appWith({ 'lib/session.ts': '// mine\n' })
    const { exitCode, stderr } = await cli(folder, [...ADD, '--force'])
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('lib/session.ts is in the way')])
    expect(treeOf(folder)).not.toHaveProperty('lib/session/index.ts')
  })

  test('called lib/session, without an ending, stops it in one line', async () => {
    const folder = appWith({ 'lib/session': '' })
    const before = treeOf(folder)
    const { exitCode, stderr } = await cli(folder, ADD)
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/a file is where a folder is needed/)])
    expect(treeOf(folder)).toEqual(before)
  })
})

describe('.env.local and .env.example', () => {
  const secretIn = (folder: string, file = '.env.local') => parseEnv(read(folder, file)).SESSION_SECRET

  test('are made: a fresh secret that only its owner can read, and none in the example', async () => {
    const [one, other] = [folderWith(APP), folderWith(APP)]
    await cli(one, ADD)
    await cli(other, ADD)
    expect(secretIn(one)).toHaveLength(43)
    expect(secretIn(one)).not.toBe(secretIn(other))
    expect(statSync(join(one, '.env.local')).mode & 0o777).toBe(0o600)
    expect(secretIn(one, '.env.example')).toBe('')
  })

  test.each([
    [{}, 'redis', 'app:'],
    [
      { 'package.json': JSON.stringify({ name: '@me/shop', dependencies: { next: '16.4.6' } }) },
      'postgres',
      '@me/shop:',
    ],
    [{ '.env.local': 'SESSION_PREFIX=mine:\n' }, 'memcached', 'mine:'],
    [{}, 'file', undefined], // no other app has this folder
  ])(
    'with %j and %s have the prefix %s, so that two apps can share a server',
    async (files, store, prefix) => {
      const folder = folderWith({ ...APP, ...files })
      await cli(folder, [...ADD, '--store', store])
      expect(parseEnv(read(folder, '.env.local')).SESSION_PREFIX).toBe(prefix)
    },
  )

  test('of an app that has sessions keep the prefix they are kept under', async () => {
    const folder = folderWith(APP)
    await cli(folder, [...ADD, '--store', 'redis'])
    write(folder, '.env.local', 'SESSION_SECRET=mine\nSESSION_STORE=redis\n')
    await cli(folder, [...ADD, '--store', 'redis'])
    expect(parseEnv(read(folder, '.env.local'))).not.toHaveProperty('SESSION_PREFIX')
  })

  test.each([
    ['with a last line end', 'OTHER=1\n# a note\n'],
    ['without a last line end', 'OTHER=1\n# a note'],
    ['with Windows line ends', 'OTHER=1\r\n# a note\r\n'],
    ['with the variable in a comment', '# SESSION_SECRET=\nOTHER=1\n'],
    ['with the variable inside a quoted value', 'TEXT="\nSESSION_SECRET=\n"\nOTHER=1\n'],
  ])('%s keep every line', async (_, text) => {
    const folder = appWith({ '.env.local': text, '.env.example': text })
    await cli(folder, [...ADD, '--store', 'redis'])
    for (const file of ['.env.local', '.env.example']) {
      expect(read(folder, file).startsWith(text)).toBe(true)
      expect(parseEnv(read(folder, file))).toMatchObject({ OTHER: '1', SESSION_STORE: 'redis' })
      const lines = read(folder, file).match(/\r?\n/g)
      expect(new Set(lines).size).toBe(1)
    }
    expect(secretIn(folder)).toHaveLength(43)
  })

  test.each(['SESSION_SECRET=', 'SESSION_SECRET=""', 'export SESSION_SECRET = # later'])(
    'with the empty line %s have it filled in',
    async (line) => {
      const folder = appWith({ '.env.local': `A=1\n${line}\nB=2\n`, '.env.example': 'SESSION_SECRET=\n' })
      await cli(folder, ADD)
      expect(read(folder, '.env.local')).toBe(`A=1\nSESSION_SECRET=${secretIn(folder)}\nB=2\n`)
      expect(read(folder, '.env.example')).toBe('SESSION_SECRET=\n')
    },
  )

  test.each([
    ['', APP],
    ['src/', SRC_APP],
  ])('that is there is told where %slib/session has the rule of each variable', async (base, files) => {
    const folder = folderWith({ ...files, '.env.example': 'OTHER=1\n' })
    await cli(folder, ADD)
    const [, where = '', ofStores = ''] =
      /^# Sessions: (\S+) has every variable, and (\S+) those of a store$/m.exec(
        read(folder, '.env.example'),
      ) ?? []
    expect(where.startsWith(base)).toBe(true)
    expect(read(folder, where)).toContain('SESSION_IDLE_SECONDS: {')
    expect(treeOf(folder)).toHaveProperty([ofStores.replace('<kind>', 'cookie')])
  })

  test('keep a secret that is there', async () => {
    const folder = appWith({ '.env.local': 'SESSION_SECRET=mine\n' })
    await cli(folder, ADD)
    expect(read(folder, '.env.local')).toBe('SESSION_SECRET=mine\n')
  })

  test('get no secret that would hide the one in .env', async () => {
    const folder = appWith({ '.env': 'SESSION_SECRET=mine\n' })
    await cli(folder, ADD)
    expect(treeOf(folder)).not.toHaveProperty('.env.local')
  })

  test('that others could read are closed to them', async () => {
    const folder = appWith({ '.env.local': 'OTHER=1\n' })
    chmodSync(join(folder, '.env.local'), 0o644)
    await cli(folder, ADD)
    expect(statSync(join(folder, '.env.local')).mode & 0o777).toBe(0o600)
  })

  test('that git would commit are warned of', async () => {
    const folder = appWith({ '.gitignore': 'node_modules\n' })
    await git(folder, 'init', '--quiet')
    expect((await cli(folder, ADD)).stderr).toContain('git does not ignore .env.local')
  })

  test('that git ignores are not spoken of', async () => {
    const folder = folderWith(APP)
    await git(folder, 'init', '--quiet')
    expect((await cli(folder, ADD)).stderr).toBe('')
  })
})

describe('.gitignore', () => {
  const isIgnored = async (folder: string, path: string) =>
    (await runCommand(folder, ['git', 'check-ignore', '-q', path])).exitCode === 0

  test.each(['cookie', 'file', 'sqlite', 'redis'])(
    'names the folder of sessions, also with the store %s: SESSION_STORE may change',
    async (store) => {
      const folder = folderWith(APP)
      await git(folder, 'init', '--quiet')
      await cli(folder, [...ADD, '--store', store])
      for (const path of ['data/sessions/ab/cd', 'data/sessions.db', 'data/sessions.db-wal'])
        expect(await isIgnored(folder, path)).toBe(true)
      expect(read(folder, '.gitignore').startsWith(APP['.gitignore'] ?? '-')).toBe(true)
      expect(await isIgnored(folder, 'app/data/page.tsx')).toBe(false)
    },
  )

  test.each(['with a repository', 'without one'])('is made where there is none, %s', async (where) => {
    const { '.gitignore': _, ...files } = APP
    const folder = folderWith(files)
    if (where === 'with a repository') await git(folder, 'init', '--quiet')
    await cli(folder, ADD)
    expect(read(folder, '.gitignore')).toMatch(/\n\/data\/\n$/)
  })

  test('of the app in a workspace gets the line, not the one at the root', async () => {
    const app = Object.entries(APP).map(([path, text]) => [`apps/web/${path}`, text])
    const folder = folderWith({ '.gitignore': 'node_modules\n', ...Object.fromEntries(app) })
    await git(folder, 'init', '--quiet')
    await cli(join(folder, 'apps/web'), ADD)
    expect(read(folder, '.gitignore')).toBe('node_modules\n')
    expect(await isIgnored(folder, 'apps/web/data/sessions.db')).toBe(true)
    expect(await isIgnored(folder, 'data/sessions.db')).toBe(false)
  })

  test.each(['data/', '/data', '/data/\r', 'data/**', '/data/sessions*'])(
    'with the line %j stays as it is',
    async (line) => {
      const folder = appWith({ '.gitignore': `.env*.local\n${line}\n` })
      await cli(folder, ADD)
      expect(read(folder, '.gitignore')).toBe(`.env*.local\n${line}\n`)
    },
  )

  test('above the app that ignores the folder already is enough', async () => {
    const app = Object.entries(APP).map(([path, text]) => [`apps/web/${path}`, text])
    const folder = folderWith({ '.gitignore': 'data/\n', ...Object.fromEntries(app) })
    await git(folder, 'init', '--quiet')
    await cli(join(folder, 'apps/web'), ADD)
    expect(read(folder, 'apps/web/.gitignore')).toBe(APP['.gitignore'])
  })

  test('leaves what else an app keeps in its folder data to git, and keeps its line ends', async () => {
    const folder = appWith({ 'data/countries.json': '[]', '.gitignore': 'node_modules\r\n.env*.local' })
    await git(folder, 'init', '--quiet')
    await cli(folder, ADD)
    expect(await isIgnored(folder, 'data/countries.json')).toBe(false)
    expect(await isIgnored(folder, 'data/sessions.db-wal')).toBe(true)
    expect(read(folder, '.gitignore')).not.toMatch(/[^\r]\n/)
  })

  test('comes too late for sessions that git has: how they get out is said', async () => {
    const folder = appWith({ 'data/sessions.db': '', 'data/sessions/ab/cd': '' })
    await commitAll(folder)
    expect((await cli(folder, ADD)).stderr).toContain('git rm -r --cached data/sessions.db data/sessions')
  })

  test('that swallows .env.example is spoken of, with the line that lets it out', async () => {
    const folder = appWith({ '.gitignore': '.env*\n' })
    await git(folder, 'init', '--quiet')
    const { stderr } = await cli(folder, ADD)
    expect(stderr).toContain('git ignores .env.example')
    expect(stderr).toContain('add this line at the end of .gitignore: !.env.example')
    expect((await cli(folder, ADD)).stderr).not.toContain('.env.example')
  })
})

describe('on a machine whose Node is too old for sessions', () => {
  const onNode20 = () => {
    const module = join(folderWith({}), 'node20.mjs')
    const versions = "{ value: { ...process.versions, node: '20.20.2' } }"
    writeFileSync(module, `Object.defineProperty(process, 'versions', ${versions})`)
    return { env: { NODE_OPTIONS: `--import ${module}` } }
  }

  test('an app gets a Node of its own, and is told why', async () => {
    const { stdout, stderr } = await cli(folderWith(APP), ADD, onNode20())
    expect(stdout).toMatch(/^npm install .*--save-dev node@24\./m)
    expect(stderr).toMatch(
      /this machine runs Node 20\.20\.2, and with sessions the app needs 22\.13 or later: it brings Node 24\.\S+ along/,
    )
  })

  test.each([
    ['pnpm', 'pnpm add --allow-build=node --save-exact --save-dev node@24'],
    ['bun', 'bun add --trust --exact --dev node@24'],
  ])('%s is told to let it install itself', async (name, command) => {
    expect((await cli(folderWith(APP), [...ADD, '--pm', name], onNode20())).stdout).toContain(command)
  })

  test('an app that brings one keeps it, and is warned when it is too old as well', async () => {
    const withNode = (node: string) =>
      appWith({
        'package.json': JSON.stringify({ dependencies: { next: '16.4.6' }, devDependencies: { node } }),
      })
    const good = await cli(withNode('24.1.0'), ADD, onNode20())
    expect([good.stdout, good.stderr]).toEqual([expect.not.stringContaining(' node@'), ''])
    const old = await cli(withNode('20.1.0'), ADD, onNode20())
    expect([old.stdout, old.stderr]).toEqual([
      expect.not.stringContaining(' node@'),
      expect.stringContaining('package.json has node 20.1.0: bring that to 22.13 or later'),
    ])
  })
})

describe('at the root of a workspace', () => {
  const root = (files: Readonly<Record<string, string>>, manifest: object = {}) => ({
    'package.json': JSON.stringify({ private: true, dependencies: { next: '16.4.6' }, ...manifest }),
    ...files,
  })
  const WORKSPACES = { workspaces: ['packages/*'] }
  const YARN_1 = '# THIS IS AN AUTOGENERATED FILE.\n# yarn lockfile v1\n'
  const YARN_4 = '__metadata:\n  version: 8\n'

  test.each([
    [
      'pnpm',
      root({ 'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': 'packages:\n  - packages/*\n' }),
      'pnpm add --workspace-root --save-exact cookie@',
    ],
    ['yarn 1', root({ 'yarn.lock': YARN_1 }, WORKSPACES), 'yarn add --ignore-workspace-root-check --exact'],
    [
      'yarn 1, with the long form',
      root({ 'yarn.lock': YARN_1 }, { workspaces: { packages: ['a'] } }),
      'yarn add --ignore-workspace-root-check --exact',
    ],
    [
      'yarn 1, by packageManager',
      root({ 'yarn.lock': '' }, { ...WORKSPACES, packageManager: 'yarn@1.22.22' }),
      'yarn add --ignore-workspace-root-check --exact',
    ],
    ['yarn 4, which has no such flag', root({ 'yarn.lock': YARN_4 }, WORKSPACES), 'yarn add --exact cookie@'],
    ['npm', root({ 'package-lock.json': '{}' }, WORKSPACES), '--save-exact cookie@'],
    ['bun', root({ 'bun.lock': '' }, WORKSPACES), 'bun add --exact cookie@'],
  ])('%s is told that the root is meant', async (_, files, command) => {
    const { exitCode, stdout } = await cli(appWith(files), [...ADD, '--store', 'sqlite'])
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(command)])
  })

  test.each(['pnpm', 'yarn'])('the command of %s that failed is not its own remedy', async (name) => {
    const folder = appWith(
      root({ 'pnpm-workspace.yaml': 'packages:\n  - packages/*\n', 'yarn.lock': YARN_1 }, WORKSPACES),
    )
    // As both do at the root of a workspace.
    const refuse = 'case "$*" in *root*) exit 0;; *) echo "adds to the workspace root" >&2; exit 1;; esac'
    const env = { PATH: fakeCommand(name, refuse) }
    expect(await cli(folder, ['add', '--pm', name], { env })).toMatchObject({ exitCode: 0, stderr: '' })
  })
})

describe('a second run', () => {
  const installed = async (folder: string) => {
    const { packages } = JSON.parse((await cli(folder, [...ADD, '--json'])).stdout)
    const dependencies = Object.fromEntries(
      packages.map((each: string) => [
        each.slice(0, each.lastIndexOf('@')),
        each.slice(each.lastIndexOf('@') + 1),
      ]),
    )
    write(folder, 'package.json', JSON.stringify({ dependencies: { next: '16.4.6', ...dependencies } }))
  }

  test.each([
    ['at the top', APP],
    ['under src', SRC_APP],
  ])('changes nothing in an app %s', async (_, files) => {
    const folder = folderWith(files)
    await installed(folder)
    const before = treeOf(folder)
    const { exitCode, stdout } = await cli(folder, ADD)
    expect([exitCode, stdout]).toEqual([0, 'Sessions are here already; nothing was changed.\n'])
    expect(treeOf(folder)).toEqual(before)
  })

  test('changes nothing in a checkout with Windows line ends', async () => {
    const folder = folderWith(APP)
    await installed(folder)
    await commitAll(folder)
    const clone = folderWith({})
    await git(clone, 'clone', '--quiet', '--config', 'core.autocrlf=true', folder, '.')
    write(clone, '.env.local', read(folder, '.env.local'))
    const before = treeOf(clone)
    expect(read(clone, 'lib/session/manifest.json')).toContain('\r\n')
    expect((await cli(clone, ADD)).stdout).toContain('nothing was changed')
    expect(treeOf(clone)).toEqual(before)
  })

  test('changes nothing in files that you edited', async () => {
    const folder = folderWith(APP)
    await installed(folder)
    for (const file of ['core/keys.ts', 'session-data.ts', 'stores/installed.ts'])
      write(folder, `lib/session/${file}`, `${read(folder, `lib/session/${file}`)}// mine\n`)
    const before = treeOf(folder)
    expect((await cli(folder, ADD)).stdout).toContain('nothing was changed')
    expect(treeOf(folder)).toEqual(before)
  })

  test('gives a fresh clone its secret and its store', async () => {
    const folder = folderWith(APP)
    await cli(folder, [...ADD, '--store', 'file'])
    rmSync(join(folder, '.env.local'))
    await cli(folder, ADD)
    expect(parseEnv(read(folder, '.env.local'))).toEqual({
      SESSION_SECRET: expect.stringMatching(/^.{43}$/),
      SESSION_STORE: 'file',
    })
  })
})

test('an app that shadcn added sessions to gets what shadcn does not: a secret, the example, a line in .gitignore', async () => {
  const { files } = JSON.parse(readFileSync('public/r/session.json', 'utf8'))
  const folder = appWith({ '.env.local': 'SESSION_SECRET=\n' })
  for (const { target, content } of files) write(folder, target, content)
  const before = treeOf(folder)
  await cli(folder, ADD)
  const after = treeOf(folder)
  const changed = Object.keys(after).filter((path) => after[path] !== before[path])
  expect(changed).toEqual(['.env.example', '.env.local', '.gitignore'])
  expect(parseEnv(read(folder, '.env.local')).SESSION_SECRET).toHaveLength(43)
})

describe('in a terminal', () => {
  const command = () => `${process.execPath} ${bin()} add --no-install`

  test('you are asked where sessions live, the first time', async () => {
    const folder = folderWith(APP)
    const terminal = openTerminal(folder, command())
    await terminal.see('Where should sessions be kept?')
    terminal.type(`${KEY.down}${KEY.enter}`)
    expect((await terminal.ended).exitCode).toBe(0)
    expect(storesOf(folder)).toEqual(['file', 'memory'])
    const { shown } = await openTerminal(folder, command()).ended
    expect(shown).not.toContain('Where should sessions be kept?')
  })

  test('Ctrl-C at the question leaves everything as it was', async () => {
    const folder = folderWith(APP)
    const before = treeOf(folder)
    const terminal = openTerminal(folder, command())
    await terminal.see('Where should sessions be kept?')
    terminal.type(KEY.ctrlC)
    expect((await terminal.ended).exitCode).toBe(130)
    expect(treeOf(folder)).toEqual(before)
  })
})

describe('one more store', () => {
  test('gets its files, its line and its packages; nothing else changes', async () => {
    const folder = folderWith(APP)
    await cli(folder, ADD)
    write(folder, 'lib/session/core/keys.ts', '// mine\n')
    write(folder, 'lib/session/session-data.ts', '// mine\n')
    const before = treeOf(folder)
    const { packages } = JSON.parse((await cli(folder, [...ADD, '--store', 'redis', '--json'])).stdout)
    expect(packages).toEqual(expect.arrayContaining([expect.stringMatching(/^@redis\/client@/)]))
    const after = treeOf(folder)
    const changed = Object.keys(after).filter((path) => after[path] !== before[path])
    expect(changed.filter((path) => !path.startsWith('lib/session/ops/'))).toEqual([
      'lib/session/manifest.json',
      'lib/session/stores/installed.ts',
      'lib/session/stores/redis/',
      'lib/session/stores/redis/about.ts',
      'lib/session/stores/redis/index.ts',
      'lib/session/stores/redis/open.ts',
    ])
    expect(storesOf(folder)).toEqual(['cookie', 'memory', 'redis'])
  })

  test('is not used before you say so, and how is said', async () => {
    const folder = folderWith(APP)
    await cli(folder, ADD)
    const { stdout } = await cli(folder, [...ADD, '--store', 'redis'])
    expect(stdout).toContain('SESSION_STORE=redis and REDIS_URL=redis://localhost:6379')
    expect(parseEnv(read(folder, '.env.local'))).not.toHaveProperty('SESSION_STORE')
  })

  test('gets its line in a table that you edited, once, in any style', async () => {
    const folder = folderWith(APP)
    await cli(folder, ADD)
    const table = read(folder, 'lib/session/stores/installed.ts')
      .replaceAll("'", '"')
      .concat('export { about as own } from "./own/about"')
    write(folder, 'lib/session/stores/installed.ts', table.replaceAll('\n', '\r\n'))
    await cli(folder, [...ADD, '--store', 'redis'])
    await cli(folder, [...ADD, '--store', 'redis'])
    expect(storesOf(folder)).toEqual(['cookie', 'memory', 'own', 'redis'])
    expect(read(folder, 'lib/session/stores/installed.ts')).not.toMatch(/[^\r]\n/)
  })

  const deleteStores = (folder: string, folders: readonly string[]) => {
    const table = 'lib/session/stores/installed.ts'
    for (const name of folders) {
      rmSync(join(folder, 'lib/session/stores', name), { recursive: true })
      write(folder, table, read(folder, table).replace(new RegExp(`^.* ${name} .*\n`, 'm'), ''))
    }
  }

  test.each([
    [['redis'], ['redis'], 'redis', '@redis/client'],
    [['sqlite', 'postgres'], ['postgres'], 'postgres', 'pg'],
    [['postgres', 'sqlite'], ['sqlite', 'disk'], 'sqlite', 'better-sqlite3'],
    [['sqlite', 'postgres'], ['sqlite', 'postgres', 'sql', 'disk'], 'postgres', 'drizzle-orm'],
    [['sqlite', 'file'], ['file'], 'file', undefined],
    [['file', 'sqlite'], ['sqlite', 'sql'], 'sqlite', 'better-sqlite3'],
    [['file', 'sqlite'], ['file', 'sqlite', 'sql', 'disk'], 'file', undefined],
  ])('of %j, of which %j were deleted, comes back when it is asked for: %s', async (had, gone, id, name) => {
    const folder = folderWith(APP)
    for (const each of had) await cli(folder, [...ADD, '--store', each])
    const before = treeOf(folder)
    deleteStores(folder, gone)
    const { stdout } = await cli(folder, [...ADD, '--store', id, '--json'])
    const packages: string[] = JSON.parse(stdout).packages.map((each: string) => each.replace(/@[^@]+$/, ''))
    if (name) expect(packages).toContain(name)
    const kept = had.filter((each) => !gone.includes(each))
    expect(storesOf(folder).toSorted()).toEqual([...new Set([...kept, id, 'memory'])].toSorted())
    const after = treeOf(folder)
    const { folders } = storeOf(id)
    const ofStore = Object.keys(before).filter((path) =>
      folders.some((each) => path.startsWith(`lib/session/${each}/`)),
    )
    expect(ofStore.map((path) => [path, after[path]])).toEqual(ofStore.map((path) => [path, before[path]]))
    expect(JSON.parse(read(folder, 'lib/session/manifest.json')).stores).toContain(id)
  })

  test('that comes back leaves your edits of what it shares, and what else you deleted', async () => {
    const folder = folderWith(APP)
    for (const each of ['sqlite', 'postgres']) await cli(folder, [...ADD, '--store', each])
    write(folder, 'lib/session/stores/sql/table.ts', '// mine\n')
    rmSync(join(folder, 'lib/session/README.md'))
    deleteStores(folder, ['postgres'])
    const { stdout } = await cli(folder, [...ADD, '--store', 'postgres'])
    expect(stdout).toMatch(/^Deleted by you, and left so: lib\/session\/README\.md\./m)
    expect(treeOf(folder)).toHaveProperty('lib/session/stores/postgres/open.ts')
    expect(read(folder, 'lib/session/stores/sql/table.ts')).toBe('// mine\n')
  })

  test('does not bring back the line of the store for tests without its folder', async () => {
    const folder = folderWith(APP)
    await cli(folder, ADD)
    deleteStores(folder, ['memory'])
    await cli(folder, ADD)
    expect(storesOf(folder)).toEqual(['cookie'])
    await cli(folder, [...ADD, '--store', 'redis'])
    expect(storesOf(folder)).toEqual(['cookie', 'redis'])
    await cli(folder, [...ADD, '--force'])
    expect(storesOf(folder)).toEqual(['cookie', 'redis', 'memory'])
    expect(treeOf(folder)).toHaveProperty('lib/session/stores/memory/open.ts')
  })

  test('does not bring back a store or a file that you deleted', async () => {
    const folder = folderWith(APP)
    await cli(folder, [...ADD, '--store', 'sqlite'])
    await cli(folder, [...ADD, '--store', 'redis'])
    for (const path of ['stores/redis', 'README.md'])
      rmSync(join(folder, 'lib/session', path), { recursive: true })
    const table = read(folder, 'lib/session/stores/installed.ts').replace(/^.* redis .*\n/m, '')
    write(folder, 'lib/session/stores/installed.ts', table)
    const { stdout } = await cli(folder, [...ADD, '--store', 'memcached', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ stores: ['sqlite', 'memcached'] })
    expect(stdout).not.toContain('@redis/client')
    expect(storesOf(folder)).toEqual(['memory', 'sqlite', 'memcached'])
    expect(treeOf(folder)).not.toHaveProperty('lib/session/README.md')
    await cli(folder, [...ADD, '--force'])
    expect(treeOf(folder)).toHaveProperty('lib/session/README.md')
  })
})

describe('packages', () => {
  test('of another major version stop it before anything is written', async () => {
    const folder = withPackages({ zod: '^3.25.0' })
    const before = treeOf(folder)
    const { exitCode, stderr } = await cli(folder, ADD)
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/zod \^3\.25\.0 \(sess is made for 4\./)])
    expect(treeOf(folder)).toEqual(before)
  })

  test('that are there stay; older ones of the same major are brought to ours', async () => {
    const folder = withPackages({ zod: '^4.99.0', devalue: '6.0.0', cookie: 'latest', leven: 'workspace:*' })
    const { packages } = JSON.parse((await cli(folder, [...ADD, '--json'])).stdout)
    expect(packages.map((each: string) => each.replace(/@[^@]+$/, ''))).toEqual([
      'devalue',
      'server-only',
      'iron-session',
    ])
  })
})

describe('a folder that sessions cannot be added to', () => {
  const without = (...paths: string[]) =>
    Object.fromEntries(Object.entries(APP).filter(([path]) => !paths.includes(path)))
  const next = (version: string) => JSON.stringify({ dependencies: { next: version } })
  test.each([
    ['no package.json', without('package.json'), 'has no package.json'],
    [
      'a damaged package.json',
      { ...APP, 'package.json': '{ "dependencies": ' },
      'package.json is not valid JSON',
    ],
    ['an empty package.json', { ...APP, 'package.json': '' }, 'package.json is not valid JSON'],
    ['a list in package.json', { ...APP, 'package.json': '[]' }, 'package.json is not a JSON object'],
    [
      'a damaged tsconfig.json',
      { ...APP, 'tsconfig.json': '{ "paths": ' },
      'tsconfig.json is not valid JSON',
    ],
    ['no Next', { ...APP, 'package.json': '{}' }, 'is not a Next.js app'],
    ['Next 15', { ...APP, 'package.json': next('^15.5.0') }, 'sess needs 16 or later'],
    [
      'Next 15 installed',
      { ...APP, 'package.json': next('latest'), 'node_modules/next/package.json': '{ "version": "15.5.0" }' },
      'sess needs 16 or later',
    ],
    ['the Pages Router only', { ...without('app/page.tsx'), 'pages/index.tsx': '' }, 'only the Pages Router'],
    ['no router', without('app/page.tsx'), 'neither app nor src/app'],
    ['JavaScript only', without('tsconfig.json'), 'has no tsconfig.json'],
    [
      'a damaged manifest',
      { ...APP, 'lib/session/manifest.json': '{ "files": null }' },
      'is damaged, or another program wrote it',
    ],
    [
      'a manifest of a later version',
      { ...APP, 'lib/session/manifest.json': '{ "version": "99.0.0", "stores": [], "files": {} }' },
      'npx create-sess-app@latest add',
    ],
    [
      'a manifest of an earlier version',
      { ...APP, 'lib/session/manifest.json': '{ "version": "0.0.1", "stores": [], "files": {} }' },
      'create-sess-app@latest upgrade',
    ],
  ])('because of %s: one line, exit code 1, nothing written', async (_, files, message) => {
    const folder = folderWith(files)
    const before = treeOf(folder)
    const { exitCode, stdout, stderr } = await cli(folder, ADD)
    expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^[^\n]+\n$/)])
    expect(stderr).toContain(message)
    expect(treeOf(folder)).toEqual(before)
  })
})

describe('--dry-run', () => {
  test('shows files and added lines, but never the secret, and writes nothing', async () => {
    const folder = appWith({ '.env.local': 'OTHER=1\nSESSION_SECRET=\n', 'proxy.ts': '// mine\n' })
    const before = treeOf(folder)
    const { exitCode, stdout } = await cli(folder, ['add', '--dry-run', '--store', 'redis'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^write {5}lib\/session\/index\.ts$/m)
    expect(stdout).toMatch(/^change {4}\.env\.local\n {10}\+ SESSION_SECRET=…\n/m)
    expect(stdout).toContain('          + SESSION_STORE=redis\n')
    expect(stdout).not.toContain('OTHER')
    expect(stdout).toMatch(/^run {7}npm install .*@redis\/client@/m)
    expect(stdout).toContain('proxy.ts is your file')
    expect(stdout).toMatch(/Nothing was written\.\n$/)
    expect(stdout).not.toMatch(/SESSION_SECRET=\w/)
    expect(treeOf(folder)).toEqual(before)
  })
})

describe('--json', () => {
  test('is one object: files, packages, lines to add by hand; no secret', async () => {
    const folder = appWith({ 'proxy.ts': '// mine\n', 'pnpm-lock.yaml': '' })
    const { stdout, stderr } = await cli(folder, [...ADD, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      folder: expect.stringContaining('a-newcomers-folder-'),
      stores: ['cookie'],
      packageManager: 'pnpm',
      files: expect.arrayContaining(['instrumentation.ts', '.env.local']),
      packages: expect.arrayContaining([expect.stringMatching(/^iron-session@\d/)]),
      byHand: [{ path: 'proxy.ts', lines: expect.stringContaining('touchSession') }],
      warnings: [],
    })
    expect(stdout).not.toContain(parseEnv(read(folder, '.env.local')).SESSION_SECRET)
    expect(stderr).toBe('')
  })

  test('has the message and the exit code of a failure', async () => {
    const { exitCode, stdout } = await cli(folderWith({}), [...ADD, '--json'])
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toEqual({
      error: { message: expect.stringContaining('has no package.json'), exitCode: 1 },
    })
  })
})
