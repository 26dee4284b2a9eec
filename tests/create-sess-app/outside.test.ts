import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { APP, cli, folderWith, read, SRC_APP, treeOf, write } from './apps'
import { contentsOf, newFolder, run } from './cli'

const ADD = ['add', '--no-install']
const UPGRADE = ['upgrade', '--no-install']
/** `git hash-object` of a file with `mine\n`. */
const BLOB_OF_MINE = '351be5bf6e17c59ea560546d69654115ecb2fd8d'

/** A folder with an app that has sessions, and files of its owner around it. */
async function appAmongFiles(files: Readonly<Record<string, string>> = APP): Promise<string> {
  const root = folderWith({ 'precious.ts': 'mine\n', 'lib/session/core/keys.ts': 'mine\n' })
  for (const [path, text] of Object.entries(files)) write(root, `app/${path}`, text)
  const { exitCode } = await cli(join(root, 'app'), ADD)
  expect(exitCode).toBe(0)
  return root
}

const MANIFEST = 'lib/session/manifest.json'

function changeManifest(app: string, change: (manifest: Record<string, unknown>) => object): void {
  write(app, MANIFEST, JSON.stringify(change(JSON.parse(read(app, MANIFEST)))))
}

/** It ends with 1 and one line that has these words, and nothing has changed anywhere. */
async function expectRefused(root: string, app: string, args: readonly string[], words: string) {
  const before = contentsOf(root)
  const { exitCode, stdout, stderr } = await cli(app, args)
  expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^[^\n]+\n$/)])
  expect(stderr).toContain(words)
  expect(contentsOf(root)).toEqual(before)
}

describe('a manifest that names what lib/session never had', () => {
  test.each([
    '../../../precious.ts',
    '../../.env.local',
    '../../package.json',
    'stores/../../../app/page.tsx',
    './keys.ts',
    'stores//redis.ts',
    '/etc/hostname',
    '..\\..\\precious.ts',
    'C:\\precious.ts',
    'C:precious.ts',
    'keys.ts:stream',
    'keys.ts\u0000.md',
    '.git/config',
    '.git/hooks/post-checkout.ts',
    '.. /precious.ts',
    'package.json',
    '.env.local',
    'stores',
    '',
    '__proto__',
    `${'a/'.repeat(40)}keys.ts`,
  ])('%j is refused by name, by upgrade and by add, before anything is done', async (name) => {
    const root = await appAmongFiles()
    const app = join(root, 'app')
    const manifest = read(app, MANIFEST).replace(
      '"files": {',
      `"files": {\n${JSON.stringify(name)}: "${BLOB_OF_MINE}",`,
    )
    write(app, MANIFEST, manifest)
    for (const args of [UPGRADE, [...ADD, '--force']])
      await expectRefused(
        root,
        app,
        args,
        `it names ${JSON.stringify(name)}, which is not a file of lib/session`,
      )
  })
})

test.each([
  ['a version that is a path', { version: '../../evil' }, '"version" is not a version'],
  ['a version that is a URL', { version: 'git+https://example.com/a.git' }, '"version" is not a version'],
  ['a version that is a list', { version: ['0.1.0'] }, '"version" is not a version'],
  ['stores that are no list', { stores: 'cookie' }, '"stores" is not a list'],
  ['a store that is a path', { stores: ['../../../precious'] }, '"stores" has "../../../precious"'],
  ['files that are a list', { files: ['keys.ts'] }, '"files" is not an object'],
  ['a hash that is a flag', { files: { 'keys.ts': '--help' } }, 'these have no hash: keys.ts'],
  ['a hash that is a number', { files: { 'keys.ts': 1 } }, 'these have no hash: keys.ts'],
  ['a hash that is missing', { files: { 'keys.ts': null } }, 'these have no hash: keys.ts'],
  ['more bytes than it can have', { note: 'x'.repeat(300_000) }, 'bytes'],
])('a manifest with %s is refused, and nothing is done', async (_, change, words) => {
  const root = await appAmongFiles()
  const app = join(root, 'app')
  changeManifest(app, (manifest) => ({ ...manifest, ...change }))
  for (const args of [UPGRADE, ADD]) await expectRefused(root, app, args, words)
})

test('a manifest that is a folder is refused', async () => {
  const root = await appAmongFiles()
  rmSync(join(root, 'app', MANIFEST))
  mkdirSync(join(root, 'app', MANIFEST))
  for (const args of [UPGRADE, ADD]) await expectRefused(root, join(root, 'app'), args, 'it is not a file')
})

/** Moves a part of the app out of it, and leaves a link in its place. */
function moveOut(root: string, path: string): void {
  const outside = join(root, 'outside', path)
  mkdirSync(dirname(outside), { recursive: true })
  renameSync(join(root, 'app', path), outside)
  symlinkSync(outside, join(root, 'app', path))
}

describe('a symbolic link that leads out of the app', () => {
  test.each(['lib', 'lib/session', 'lib/session/stores', 'lib/session/core/keys.ts', MANIFEST])(
    'in the place of %s is refused by name, by upgrade and by add --force',
    async (path) => {
      const root = await appAmongFiles()
      const app = join(root, 'app')
      moveOut(root, path)
      // So that both have something to write and something to remove there.
      const outside = join(root, 'outside')
      for (const target of ['lib/session/core/keys.ts', 'lib/session/stores/cookie/index.ts'])
        if (`${target}/`.startsWith(`${path}/`)) write(outside, target, '// mine\n')
      for (const args of [UPGRADE, [...UPGRADE, '--dry-run'], [...ADD, '--force']])
        await expectRefused(root, app, args, `${path} → ${join(outside, path)}`)
    },
  )

  test.each([
    ['lib', APP],
    ['src/lib', SRC_APP],
    ['src', SRC_APP],
  ])('in the place of %s is refused by a first add', async (path, files) => {
    const root = folderWith(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`app/${name}`, text])),
    )
    const app = join(root, 'app')
    mkdirSync(join(app, path), { recursive: true })
    moveOut(root, path)
    await expectRefused(root, app, ADD, `${path} → ${join(root, 'outside', path)}`)
    await expectRefused(root, app, [...ADD, '--dry-run'], `${path} → `)
  })

  test.each(['.env.local', '.env.example'])(
    'in the place of %s is refused: it is neither followed nor replaced',
    async (path) => {
      const root = folderWith({ 'shared.env': 'OTHER=1\n' })
      const app = join(root, 'app')
      for (const [name, text] of Object.entries(APP)) write(app, name, text)
      symlinkSync('../shared.env', join(app, path))
      await expectRefused(root, app, ADD, `${path} → ${join(root, 'shared.env')}`)
    },
  )

  test.each([
    ['to nothing', '../nowhere'],
    ['to itself', 'lib'],
    ['into the repository of git', '.git/hooks'],
    ['among the packages', 'node_modules/pkg'],
  ])('or %s is refused', async (_, to) => {
    const root = folderWith({})
    const app = join(root, 'app')
    for (const [name, text] of Object.entries(APP)) write(app, name, text)
    for (const folder of ['.git/hooks', 'node_modules/pkg']) mkdirSync(join(app, folder), { recursive: true })
    symlinkSync(to, join(app, 'lib'))
    await expectRefused(root, app, ADD, 'lib → ')
  })

  test('is refused by create --force in the place of a folder', async () => {
    const root = folderWith({ 'outside/lib/session/core/keys.ts': 'mine\n', 'my-app/notes.txt': 'mine\n' })
    symlinkSync('../outside/lib', join(root, 'my-app/lib'))
    const before = contentsOf(root)
    const create = ['my-app', '--yes', '--no-install', '--no-git', '--force']
    for (const args of [create, [...create, '--dry-run']]) {
      const { exitCode, stderr } = await run(root, args)
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`lib → ${join(root, 'outside/lib')}`)])
    }
    expect(contentsOf(root)).toEqual(before)
  })
})

describe('a symbolic link', () => {
  test('that stays in the app is followed', async () => {
    const app = folderWith({ ...APP, 'packages/lib/mine.ts': '' })
    symlinkSync('packages/lib', join(app, 'lib'))
    expect(await cli(app, ADD)).toMatchObject({ exitCode: 0 })
    expect(treeOf(app)).toHaveProperty(['packages/lib/session/index.ts'])
    expect(await cli(app, UPGRADE)).toMatchObject({ exitCode: 0 })
  })

  test('by which one came to the app is no matter', async () => {
    const root = newFolder()
    for (const [name, text] of Object.entries(APP)) write(root, `real/${name}`, text)
    symlinkSync('real', join(root, 'app'))
    expect(await cli(join(root, 'app'), ADD)).toMatchObject({ exitCode: 0 })
    expect(await run(root, ['app', '--yes', '--no-install', '--no-git', '--force'])).toMatchObject({
      exitCode: 0,
    })
  })
})

test('an alias in tsconfig.json that leads out of the app, or is no plain text, is not used', async () => {
  for (const [name, target] of [
    ['@/*', ['../*']],
    ["x'; process.exit(); '/*", ['./*']],
    ['@/*', [5]],
    ['@/*', null],
  ]) {
    const tsconfig = JSON.stringify({ compilerOptions: { paths: { [String(name)]: target } } })
    const app = folderWith({ ...APP, 'tsconfig.json': tsconfig })
    expect(await cli(app, ADD)).toMatchObject({ exitCode: 0 })
    expect(read(app, 'proxy.ts')).toContain("import { touchSession } from './lib/session'")
  }
})
