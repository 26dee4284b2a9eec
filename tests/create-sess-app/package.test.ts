import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { scriptsNamedIn } from './apps'
import { newcomersEnvironment, newFolder, run } from './cli'

const SOURCES = fileURLToPath(new URL('../../create-sess-app', import.meta.url))
const MODULES = join(SOURCES, '..', 'node_modules')
const STORES = ['cookie', 'file', 'sqlite', 'postgres', 'redis', 'memcached']
const LARGEST_TARBALL_BYTES = 200_000

/** The files that an app does not get as they stand in the template. */
const RENDERED = [
  '.env.example',
  '.env.local',
  '.gitignore',
  'README.md',
  'lib/session/installed-stores.ts',
  'lib/session/manifest.json',
  'package.json',
  'tsconfig.json',
]

/** `redis demo`, … → its folder. They are only looked at, and so made once. */
const apps = new Map<string, string>()
const folder = mkdtempSync(join(tmpdir(), 'create-sess-app-all-'))

beforeAll(async () => {
  for (const store of STORES) {
    for (const kind of ['demo', 'lean']) {
      const app = join(folder, `${store}-${kind}`)
      const flags = ['--yes', '--no-install', '--no-git', '--store', store]
      const { stderr } = await run(folder, [app, ...flags, ...(kind === 'lean' ? ['--no-demo'] : [])])
      expect(stderr).toBe('')
      apps.set(`${store} ${kind}`, app)
    }
  }
})

afterAll(() => rmSync(folder, { recursive: true }))

const appWith = (store: string, kind: 'demo' | 'lean') => apps.get(`${store} ${kind}`) as string

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

/** Path in an app → hash. The lean files come after those that they stand in for. */
function packedBlobs(isMeant: (source: string) => boolean): Map<string, string> {
  const files = Object.entries(manifestOfTemplate().files).filter(([source]) => isMeant(source))
  return new Map(files.map(([source, blob]) => [source.slice(source.indexOf('/') + 1), blob]))
}

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
    'app/.env',
    '.npmrc',
    'secrets/server.pem',
    'id_ed25519',
    'data/sessions.db',
    'lib/npm-debug.log',
    'app/.DS_Store',
    'create-sess-app/lean/.env.production',
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

describe.each(STORES)('an app with the store %s', (store) => {
  test('and demo pages has files of the template alone, each as it was packed', () => {
    const app = appWith(store, 'demo')
    const packed = packedBlobs((source) => !source.startsWith('lean/'))
    const changed = filesIn(app).filter((path) => shortBlobOf(join(app, path)) !== packed.get(path))

    expect(changed.filter((path) => !RENDERED.includes(path))).toEqual([])
    expect(filesIn(app).filter((path) => path.includes('_dot_'))).toEqual([])
  })

  test('and a lean start too, but for its plain proxy', () => {
    const app = appWith(store, 'lean')
    const packed = packedBlobs(() => true)
    const changed = filesIn(app).filter((path) => shortBlobOf(join(app, path)) !== packed.get(path))

    expect(changed.filter((path) => !RENDERED.includes(path))).toEqual(['proxy.ts'])
  })

  test.each(['demo', 'lean'] as const)('names only npm scripts that it has, %s', (kind) => {
    const app = appWith(store, kind)
    const { scripts } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))

    expect(scriptsNamedIn(app).filter(({ script }) => !(script in scripts))).toEqual([])
  })

  test('says in its own manifest what it got of lib/session', () => {
    const app = appWith(store, 'demo')
    const { files } = JSON.parse(readFileSync(join(app, 'lib', 'session', 'manifest.json'), 'utf8'))
    const there = filesIn(join(app, 'lib', 'session'))
      .filter((path) => path !== 'manifest.json')
      .map((path) => [path, blobOf(join(app, 'lib', 'session', path))])

    expect(files).toEqual(Object.fromEntries(there))
  })
})

test('each file of the template is in one app or another', () => {
  const made = new Set([...apps.values()].flatMap(filesIn))
  const paths = Object.keys(manifestOfTemplate().files).map((source) => source.slice(source.indexOf('/') + 1))

  expect(paths.filter((path) => !made.has(path))).toEqual([])
})
