import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { scriptsNamedIn } from './apps'
import { newcomersEnvironment, newFolder, run } from './cli'

const SOURCES = fileURLToPath(new URL('../../create-sess-app', import.meta.url))
const MODULES = join(SOURCES, '..', 'node_modules')
const STORES = ['cookie', 'file', 'sqlite', 'postgres', 'redis', 'memcached']
const LARGEST_TARBALL_BYTES = 300_000

/** The files that an app does not get as they stand in the template. */
const RENDERED = [
  '.env.example',
  '.env.local',
  '.gitignore',
  'README.md',
  'app/icon.svg',
  'app/layout.tsx',
  'app/page.tsx',
  'compose.yaml',
  'lib/session/stores/installed.ts',
  'lib/session/manifest.json',
  'lib/session/session-data.ts',
  'next.config.ts',
  'package.json',
  'proxy.ts',
  'tsconfig.json',
]

/** Apps with every store, and with one alone. */
const CHOICES = ['every store', ...STORES]

/** `redis course`, … → its folder. The tests only read them, so each is made once. */
const apps = new Map<string, string>()
const folder = mkdtempSync(join(tmpdir(), 'create-sess-app-all-'))

beforeAll(async () => {
  for (const choice of CHOICES) {
    for (const kind of ['course', 'lean']) {
      const app = join(folder, `${choice.replace(' ', '-')}-${kind}`)
      const only = choice === 'every store' ? [] : ['--only', choice]
      const flags = ['--yes', '--no-install', '--no-git', ...only, ...(kind === 'lean' ? ['--lean'] : [])]
      expect((await run(folder, [app, ...flags])).stderr).toBe('')
      apps.set(`${choice} ${kind}`, app)
    }
  }
})

afterAll(() => rmSync(folder, { recursive: true }))

const appWith = (choice: string, kind: 'course' | 'lean') => apps.get(`${choice} ${kind}`) as string
const textOf = (app: string, path: string) => readFileSync(join(app, path), 'utf8')

interface Manifest {
  readonly files: Readonly<Record<string, string>>
}

const manifestOfTemplate = (): Manifest =>
  JSON.parse(readFileSync(join(inject('package'), 'template', 'manifest.json'), 'utf8'))

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

/** Path in an app → hash. */
function packedBlobs(): Map<string, string> {
  const files = Object.entries(manifestOfTemplate().files)
  return new Map(files.map(([source, blob]) => [pathInApp(source), blob]))
}

/** The tests of the course have a folder of their own in an app. */
const pathInApp = (source: string) =>
  source.startsWith('repo/e2e/')
    ? source.replace('repo/e2e/', 'e2e/course/')
    : source.slice(source.indexOf('/') + 1)

/** As the template's manifest has it. */
const shortBlobOf = (path: string) => blobOf(path).slice(0, 7)

/** As `git hash-object` answers. */
function blobOf(path: string): string {
  const content = readFileSync(path)
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}

/** What the command's sources import, and what that depends on; found without esbuild. */
function bundledPackages(): string[] {
  const texts = filesIn(join(SOURCES, 'src')).map((path) => readFileSync(join(SOURCES, 'src', path), 'utf8'))
  const imported = texts.flatMap((text) => [...text.matchAll(/ from '([^.'][^']*)'$/gm)])
  const found = new Set(imported.map(([, name = '']) => name).filter((name) => !name.startsWith('node:')))
  for (const name of found) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8'))
    for (const each of Object.keys(dependencies)) found.add(each)
  }
  return [...found]
}

function licenseOf(name: string): string {
  const file = readdirSync(join(MODULES, name)).find((each) => /^licen[cs]e/i.test(each)) ?? 'LICENSE'
  return readFileSync(join(MODULES, name, file), 'utf8')
}

describe('the tarball', () => {
  // After a change that is meant: npx vitest run tests/create-sess-app/package.test.ts --update
  test('has the files that were reviewed', async () => {
    const files = filesIn(inject('package')).map((path) => path.replace(/^template\//, 'template: '))

    await expect(`${files.join('\n')}\n`).toMatchFileSnapshot('pack-list.txt')
  })

  test('is as small as it should be', () => {
    expect(statSync(inject('tarball')).size).toBeLessThanOrEqual(LARGEST_TARBALL_BYTES)
  })

  test('has no dependencies, and no script that runs at its installation', () => {
    const { dependencies, optionalDependencies, peerDependencies, scripts } = JSON.parse(
      readFileSync(join(inject('package'), 'package.json'), 'utf8'),
    )

    expect({ dependencies, optionalDependencies, peerDependencies }).toEqual({})
    expect(Object.keys(scripts)).toEqual(['prepack'])
  })

  test('has the notices of the packages in its bundle', () => {
    const notices = readFileSync(join(inject('package'), 'THIRD-PARTY-LICENSES'), 'utf8').replace(/\s+/g, ' ')
    const bundled = bundledPackages()

    expect(bundled).toEqual(expect.arrayContaining(['@clack/prompts', 'validate-npm-package-name']))
    for (const name of bundled) {
      const text = licenseOf(name).replace(/\s+/g, ' ')
      const terms = text.slice(text.indexOf('Permission ')).trim()
      const owners = text.match(/Copyright \(c\).*?(?= Copyright \(c\)| Permission )/g) ?? []
      expect(owners, name).not.toEqual([])
      for (const each of [name, ...owners, terms]) expect(notices).toContain(each)
    }
  })

  test('has no name that npm would drop or obey: none begins with a dot', () => {
    const names = filesIn(inject('package')).flatMap((path) => path.split('/'))

    expect(names.filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('has each file of the manifest, with its hash, and no other', () => {
    const template = join(inject('package'), 'template')
    const listed = Object.entries(manifestOfTemplate().files).map(([source, blob]) => [
      source.replaceAll(/(^|\/)\./g, '$1_dot_'),
      blob,
    ])
    const there = filesIn(template)
      .filter((path) => path !== 'manifest.json')
      .map((path) => [path, shortBlobOf(join(template, path))])

    expect(Object.fromEntries(there)).toEqual(Object.fromEntries(listed))
  })
})

describe('packing', () => {
  test.each([
    '.env.local',
    'app/(course)/.env',
    '.npmrc',
    'secrets/server.pem',
    'id_ed25519',
    'data/sessions.db',
    'lib/npm-debug.log',
    'app/(course)/.DS_Store',
    'create-sess-app/common/.env.production',
  ])('stops when git tracks %s, and leaves the last template as it was', (path) => {
    // An index of its own: the repository's is not touched.
    const env = newcomersEnvironment({ GIT_INDEX_FILE: join(newFolder(), 'index') })
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: join(SOURCES, '..'), env, encoding: 'utf8' })
    git('read-tree', 'HEAD')
    const blob = git('rev-parse', 'HEAD:package.json').trim()
    git('update-index', '--add', '--cacheinfo', `100644,${blob},${path}`)
    const before = filesIn(join(SOURCES, 'template'))
    const { status, stderr } = spawnSync('npm', ['pack', '--dry-run'], {
      cwd: SOURCES,
      env,
      encoding: 'utf8',
    })

    expect(status).not.toBe(0)
    expect(stderr).toContain('must not be published')
    expect(stderr).toContain(path.replace('create-sess-app/', ''))
    expect(filesIn(join(SOURCES, 'template'))).toEqual(before)
  })
})

describe.each(CHOICES)('an app with %s', (store) => {
  test.each(['course', 'lean'] as const)(
    'has only files of the template, as they were packed, %s',
    (kind) => {
      const app = appWith(store, kind)
      const packed = packedBlobs()
      const changed = filesIn(app).filter((path) => shortBlobOf(join(app, path)) !== packed.get(path))

      expect(changed.filter((path) => !RENDERED.includes(path))).toEqual([])
      expect(filesIn(app).filter((path) => path.includes('_dot_'))).toEqual([])
    },
  )

  test.each(['course', 'lean'] as const)('names only npm scripts that it has, %s', (kind) => {
    const app = appWith(store, kind)
    const { scripts } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))

    expect(scriptsNamedIn(app).filter(({ script }) => !(script in scripts))).toEqual([])
  })

  test('says in its own manifest what it got of lib/session', () => {
    const app = appWith(store, 'course')
    const { files } = JSON.parse(readFileSync(join(app, 'lib', 'session', 'manifest.json'), 'utf8'))
    const there = filesIn(join(app, 'lib', 'session'))
      .filter((path) => path !== 'manifest.json')
      .map((path) => [path, blobOf(join(app, 'lib', 'session', path))])

    expect(files).toEqual(Object.fromEntries(there))
  })
})

describe('an app with every store', () => {
  test.each(['course', 'lean'] as const)('has the files, lines and packages of each, %s', (kind) => {
    const app = appWith('every store', kind)
    const packages = JSON.parse(textOf(app, 'package.json')).dependencies

    for (const store of STORES) {
      const alone = appWith(store, kind)
      const lacking = filesIn(alone).filter((path) => !filesIn(app).includes(path))
      expect(lacking).toEqual([])
      expect(textOf(app, 'lib/session/stores/installed.ts')).toContain(`export { about as ${store} } from`)
      expect(packages).toMatchObject(JSON.parse(textOf(alone, 'package.json')).dependencies)
    }
    expect(filesIn(app)).toEqual(
      expect.arrayContaining(['drizzle/postgres/0000_sessions.sql', 'drizzle/sqlite/0000_sessions.sql']),
    )
  })

  test('differs by --store only in what says which one it begins with', async () => {
    const cwd = newFolder()
    await run(cwd, ['every-store-lean', '--yes', '--no-install', '--no-git', '--lean', '--store', 'redis'])
    const app = join(cwd, 'every-store-lean')
    const cookie = appWith('every store', 'lean')
    const differing = filesIn(app).filter((path) => textOf(app, path) !== textOf(cookie, path))

    expect(filesIn(app)).toEqual(filesIn(cookie))
    expect(differing).toEqual(['.env.example', '.env.local', 'README.md', 'package.json'])
  })

  test('has a test for each lesson', () => {
    const app = appWith('every store', 'course')
    const lessons = readdirSync(join(app, 'app', '(course)')).filter((name) =>
      existsSync(join(app, 'app', '(course)', name, 'layout.tsx')),
    )

    expect(lessons.length).toBeGreaterThan(10)
    for (const lesson of lessons) expect(filesIn(app)).toContain(`e2e/course/${lesson}.spec.ts`)
  })
})

describe('an app is its owner’s', () => {
  test.each(['course', 'lean'] as const)(
    'its title, home page, icon and README have its name, %s',
    async (kind) => {
      const cwd = newFolder()
      await run(cwd, [
        '@acme/shop',
        '--yes',
        '--no-install',
        '--no-git',
        ...(kind === 'lean' ? ['--lean'] : []),
      ])
      const app = join(cwd, 'shop')

      expect(textOf(app, 'app/layout.tsx')).toContain("title: '@acme/shop'")
      expect(textOf(app, 'app/page.tsx')).toContain('<h1>@acme/shop</h1>')
      expect(textOf(app, 'app/icon.svg')).toContain('>S</text>')
      expect(textOf(app, 'README.md')).toMatch(/^# @acme\/shop\n/)
    },
  )

  test('without the course, no page, test or setting names it, or sess', () => {
    const app = appWith('every store', 'lean')
    const own = filesIn(app).filter((path) => !/^(?:lib\/session|scripts)\/|^\.env/.test(path))

    expect(own.filter((path) => /(?<!-)\bsess\b|course/i.test(textOf(app, path)))).toEqual([])
  })
})

test.each([
  [undefined, 'sqlite'],
  ['file:./a.db', 'sqlite'],
  ['postgres://a.example/b', 'postgres'],
])('--store database with DATABASE_URL=%s begins with %s', async (DATABASE_URL, store) => {
  const cwd = newFolder()
  const flags = ['--yes', '--no-install', '--no-git', '--json', '--lean', '--store', 'database']
  const { stdout } = await run(cwd, ['my-app', ...flags], { env: { DATABASE_URL } })

  expect(JSON.parse(stdout)).toMatchObject({ store, stores: STORES })
  expect(parseEnv(textOf(join(cwd, 'my-app'), '.env.local')).SESSION_STORE).toBe('database')
})

describe('an app with one store', () => {
  test.each([
    ['cookie', ['iron-session']],
    ['file', []],
    ['database', ['better-sqlite3', 'drizzle-orm', 'pg']],
    ['redis', ['@redis/client']],
  ])('has the packages of that one, %s', async (only, expected) => {
    const cwd = newFolder()
    await run(cwd, ['my-app', '--yes', '--no-install', '--no-git', '--only', only, '--lean'])
    const { dependencies } = JSON.parse(textOf(join(cwd, 'my-app'), 'package.json'))
    const ofStores = /^(?:@redis|better-sqlite3|drizzle-orm|iron-session|memcache-client|pg)/

    expect(Object.keys(dependencies).filter((name) => ofStores.test(name))).toEqual(expected)
  })

  test.each(STORES)('does not say how to add the store that it has, %s', (store) => {
    for (const kind of ['course', 'lean'] as const) {
      const text = textOf(appWith(store, kind), 'README.md')
      expect(text).not.toContain(`--store ${store}\n`)
      expect(text).toMatch(/add --store \w+\n/)
    }
  })
})

test.each([
  [
    ['--store', 'cookie'],
    'Redis and memcached need a server.',
    '| `database` | SQLite | `DATABASE_URL=file:…`, or not set |',
  ],
  [
    ['--store', 'redis'],
    'start a Redis of their own',
    '| `database` | SQLite | `DATABASE_URL=file:…`, or not set |',
  ],
  [['--store', 'postgres'], 'start a PostgreSQL of their own', '| `DATABASE_URL=postgres://…`, or not set |'],
  [['--only', 'memcached'], 'start a memcached of their own', 'This app keeps sessions in memcached.'],
])(
  'the README of an app made with %j says which servers it brings up, and what the variables mean',
  async (flags, ...texts) => {
    const cwd = newFolder()
    await run(cwd, ['my-app', '--yes', '--no-install', '--no-git', '--lean', ...flags])
    for (const text of texts) expect(textOf(join(cwd, 'my-app'), 'README.md')).toContain(text)
  },
)

test.each([['file'], ['database'], ['cookie']])(
  'the README of an app with the store %s alone brings up no server',
  async (only) => {
    const cwd = newFolder()
    await run(cwd, ['my-app', '--yes', '--no-install', '--no-git', '--lean', '--only', only])
    expect(textOf(join(cwd, 'my-app'), 'README.md')).not.toMatch(/of their own|need a server/)
  },
)

describe.each(CHOICES)('what operates an app with %s', (store) => {
  test('is there without the packages for development', () => {
    const app = appWith(store, 'lean')
    const { scripts, dependencies } = JSON.parse(textOf(app, 'package.json'))
    const imports = filesIn(app)
      .filter((path) => path.startsWith('lib/session/ops/'))
      .flatMap((path) => [...textOf(app, path).matchAll(/(?: from |require\w*\([^)]*\)\()'([^.'][^']*)'/g)])
      .map(([, name = '']) => name)
      .filter((name) => !name.startsWith('node:'))

    expect(scripts.sessions).toBe(store === 'cookie' ? undefined : 'tsx lib/session/ops/sessions.ts')
    if (store !== 'cookie')
      expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(['tsx', ...imports]))
  })
})

describe('the name of an app', () => {
  test.each([
    ['my-app', 'my-app:', 'my-app'],
    ['@me/app.two', '@me/app.two:', 'me-app-two'],
    ['x'.repeat(63), `${'x'.repeat(63)}:`, 'x'.repeat(63)],
    [`${'x'.repeat(99)}-a`, expect.stringMatching(/^x{55}-[0-9a-f]{7}:$/), expect.stringMatching(/^x+-a$/)],
  ])('%s is in its prefix and in that of its containers', async (name, prefix, project) => {
    const cwd = newFolder()
    const { stdout } = await run(cwd, [
      name,
      '--yes',
      '--no-install',
      '--no-git',
      '--json',
      '--store',
      'redis',
    ])
    const { folder: app } = JSON.parse(stdout)
    const local = parseEnv(textOf(app, '.env.local'))

    expect(local.SESSION_PREFIX).toEqual(prefix)
    expect(parseEnv(textOf(app, '.env.example')).SESSION_PREFIX).toBe(local.SESSION_PREFIX)
    expect(textOf(app, 'README.md')).toContain(`SESSION_PREFIX=${local.SESSION_PREFIX}`)
    expect(local.SESSION_PREFIX).toMatch(/^[\x21-\x7e]{1,64}$/)
    expect(/^name: (.*)$/m.exec(textOf(app, 'compose.yaml'))?.[1]).toEqual(project)
  })

  test('that is long and begins alike gets another prefix', async () => {
    const cwd = newFolder()
    const prefixes = new Set<string | undefined>()
    for (const name of [`${'x'.repeat(99)}-a`, `${'x'.repeat(99)}-b`]) {
      await run(cwd, [name, '--yes', '--no-install', '--no-git', '--lean'])
      prefixes.add(parseEnv(textOf(join(cwd, name), '.env.local')).SESSION_PREFIX)
    }
    expect(prefixes.size).toBe(2)
  })
})

test('each file of the template is in one app or another', () => {
  const made = new Set([...apps.values()].flatMap(filesIn))
  const paths = Object.keys(manifestOfTemplate().files).map(pathInApp)

  expect(paths.filter((path) => !made.has(path))).toEqual([])
})
