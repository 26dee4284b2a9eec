import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { APP, cli, commitAll, folderWith, git, read, treeOf, write } from './apps'

const UPGRADE = ['upgrade', '--no-install']
const OLD_LINE = '// as it was\n'

/** What this version gives an app. */
const now = (file: string) => read(inject('package'), `template/repo/lib/session/${file}`)

/** As an earlier version had them: another first line, a file that is no more, and one less. */
const EARLIER = {
  'core/keys.ts': () => OLD_LINE + now('core/keys.ts'),
  'core/values.ts': () => OLD_LINE + now('core/values.ts'),
  'gone.ts': () => 'export const gone = true\n',
  'testing/gone-too.ts': () => 'export const gone = true\n',
  'core/limits.ts': () => undefined,
}

/** The package as version 0.0.9 was. */
const earlierPackage = join(mkdtempSync(join(tmpdir(), 'create-sess-app-earlier-')), 'package')
afterAll(() => rmSync(dirname(earlierPackage), { recursive: true, force: true }))

beforeAll(() => {
  cpSync(inject('package'), earlierPackage, { recursive: true })
  const manifest = JSON.parse(read(earlierPackage, 'template/manifest.json'))
  manifest.version = '0.0.9'
  for (const [file, text] of Object.entries(EARLIER)) {
    const source = `repo/lib/session/${file}`
    delete manifest.files[source]
    const earlier = text()
    if (earlier === undefined) continue
    manifest.files[source] = ''
    write(earlierPackage, `template/${source}`, earlier)
  }
  write(earlierPackage, 'template/manifest.json', JSON.stringify(manifest))
})

/** An app that sessions were added to with that version, committed. */
async function earlierApp({ at = '.' } = {}): Promise<string> {
  const root = folderWith({})
  const folder = join(root, at)
  for (const [path, text] of Object.entries(APP)) write(folder, path, text)
  await cli(folder, ['add', '--no-install'], { folder: earlierPackage })
  await commitAll(root)
  return folder
}

const session = (folder: string, file: string) => read(folder, `lib/session/${file}`)
const edit = (folder: string, file: string, change: (text: string) => string) =>
  write(folder, `lib/session/${file}`, change(session(folder, file)))
const withoutSession = (tree: Record<string, string>) =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith('lib/session/')))

describe('an app of an earlier version', () => {
  test('that nobody edited becomes what this version gives', async () => {
    const folder = await earlierApp()
    const fresh = folderWith(APP)
    await cli(fresh, ['add', '--no-install'])
    const { exitCode, stdout, stderr } = await cli(folder, UPGRADE)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toContain('core/keys.ts: replaced\n')
    expect(stdout).toContain('core/limits.ts: new\n')
    expect(stdout).toContain('gone.ts: removed: this version has no such file\n')
    const secret = { '.env.local': '' }
    expect({ ...treeOf(folder), ...secret }).toEqual({ ...treeOf(fresh), ...secret })
  })

  test('keeps your edits where this version changed other lines', async () => {
    const folder = await earlierApp()
    edit(folder, 'core/keys.ts', (text) => `${text}// mine\n`)
    const { exitCode, stdout } = await cli(folder, UPGRADE)
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('core/keys.ts: merged with your edits\n')])
    expect(session(folder, 'core/keys.ts')).toBe(`${now('core/keys.ts')}// mine\n`)
  })

  test('keeps your edits of a file that this version did not change, and does not speak of them', async () => {
    const folder = await earlierApp()
    edit(folder, 'core/errors.ts', (text) => `${text}// mine\n`)
    const { stdout } = await cli(folder, UPGRADE)
    expect(stdout).not.toContain('core/errors.ts')
    expect(session(folder, 'core/errors.ts')).toBe(`${now('core/errors.ts')}// mine\n`)
  })

  test('has a conflict marked, listed and in the exit code when both changed one line', async () => {
    const folder = await earlierApp()
    edit(folder, 'core/keys.ts', (text) => text.replace(OLD_LINE, '// mine\n'))
    const { exitCode, stdout } = await cli(folder, UPGRADE)
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^core\/keys\.ts: CONFLICT/m)
    expect(stdout).toContain('Resolve the conflicts, then run the type checker: lib/session/core/keys.ts\n')
    expect(session(folder, 'core/keys.ts')).toMatch(
      /^<{7} core\/keys\.ts \(yours\)\n\/\/ mine\n\|{7} core\/keys\.ts \(before\)\n\/\/ as it was\n={7}\n/,
    )
    expect(session(folder, 'core/values.ts')).toBe(now('core/values.ts'))
  })

  test('tells --json of its conflicts', async () => {
    const folder = await earlierApp()
    edit(folder, 'core/keys.ts', (text) => text.replace(OLD_LINE, '// mine\n'))
    const { exitCode, stdout } = await cli(folder, [...UPGRADE, '--json'])
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      from: '0.0.9',
      to: expect.stringMatching(/^\d+\.\d+\.\d+/),
      conflicts: ['lib/session/core/keys.ts'],
      changes: expect.arrayContaining([{ fate: 'added', path: 'core/limits.ts' }]),
    })
  })

  test('keeps a file that you changed and this version no longer has', async () => {
    const folder = await earlierApp()
    edit(folder, 'gone.ts', (text) => `${text}// mine\n`)
    const { stdout } = await cli(folder, UPGRADE)
    expect(stdout).toContain('gone.ts: kept: you changed it; this version has no such file\n')
    expect(session(folder, 'gone.ts')).toBe('export const gone = true\n// mine\n')
    expect(treeOf(folder)).not.toHaveProperty('lib/session/testing/gone-too.ts')
  })

  test('keeps a file of yours that is called as a new one', async () => {
    const folder = await earlierApp()
    write(folder, 'lib/session/core/limits.ts', '// mine\n')
    write(folder, 'lib/session/core/limits.ts.new', '// mine too\n')
    const { stdout } = await cli(folder, UPGRADE)
    expect(stdout).toContain('core/limits.ts.new2')
    expect(session(folder, 'core/limits.ts')).toBe('// mine\n')
    expect(session(folder, 'core/limits.ts.new')).toBe('// mine too\n')
    expect(session(folder, 'core/limits.ts.new2')).toBe(now('core/limits.ts'))
  })

  test('does not get back what you deleted', async () => {
    const folder = await earlierApp()
    rmSync(join(folder, 'lib/session/core/values.ts'))
    const { stdout } = await cli(folder, UPGRADE)
    expect(stdout).toContain('core/values.ts: deleted by you, and left so')
    expect(treeOf(folder)).not.toHaveProperty('lib/session/core/values.ts')
  })

  test('does not get back a store that you left out', async () => {
    const folder = await earlierApp()
    await cli(folder, ['add', '--no-install', '--store', 'redis'], { folder: earlierPackage })
    rmSync(join(folder, 'lib/session/stores/cookie'), { recursive: true })
    edit(folder, 'stores/installed.ts', (text) => text.replace(/^.* cookie .*\n/m, ''))
    const { stdout } = await cli(folder, [...UPGRADE, '--json'])
    expect(stdout).not.toContain('iron-session')
    expect(session(folder, 'stores/installed.ts')).not.toContain('cookie')
  })

  test('keeps its session-data.ts, edited or not, and everything outside of lib/session', async () => {
    const folder = await earlierApp()
    edit(folder, 'session-data.ts', (text) => `${text}// mine\n`)
    const before = treeOf(folder)
    const { stdout } = await cli(folder, UPGRADE)
    const after = treeOf(folder)
    expect(stdout).not.toContain('session-data')
    expect(after['lib/session/session-data.ts']).toBe(before['lib/session/session-data.ts'])
    expect(withoutSession(after)).toEqual(withoutSession(before))
  })

  test('changes no more at a second upgrade', async () => {
    const folder = await earlierApp()
    edit(folder, 'core/keys.ts', (text) => `${text}// mine\n`)
    edit(folder, 'core/values.ts', (text) => text.replace(OLD_LINE, '// mine\n'))
    edit(folder, 'gone.ts', (text) => `${text}// mine\n`)
    await cli(folder, UPGRADE)
    const before = treeOf(folder)
    const { exitCode, stdout } = await cli(folder, UPGRADE)
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^lib\/session is as version \S+ has it, but for your edits\./),
    ])
    expect(treeOf(folder)).toEqual(before)
  })

  test('is only told of it by --dry-run', async () => {
    const folder = await earlierApp()
    edit(folder, 'core/keys.ts', (text) => text.replace(OLD_LINE, '// mine\n'))
    const before = treeOf(folder)
    const { stdout } = await cli(folder, ['upgrade', '--dry-run'])
    expect(stdout).toMatch(/^core\/keys\.ts: CONFLICT/m)
    expect(stdout).toMatch(/Nothing was written\.\n$/)
    expect(treeOf(folder)).toEqual(before)
  })

  test('may stand below the root of its repository', async () => {
    const folder = await earlierApp({ at: 'apps/web' })
    edit(folder, 'core/keys.ts', (text) => `${text}// mine\n`)
    await cli(folder, UPGRADE)
    expect(session(folder, 'core/keys.ts')).toBe(`${now('core/keys.ts')}// mine\n`)
  })

  test('keeps its Windows line ends', async () => {
    const clone = folderWith({})
    await git(clone, 'clone', '--quiet', '--config', 'core.autocrlf=true', await earlierApp(), '.')
    edit(clone, 'core/keys.ts', (text) => `${text}// mine\r\n`)
    const { exitCode, stdout } = await cli(clone, UPGRADE)
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('core/keys.ts: merged')])
    expect(stdout).toContain('core/values.ts: replaced\n')
    expect(stdout).toContain('gone.ts: removed')
    expect(session(clone, 'core/keys.ts')).toBe(`${now('core/keys.ts')}// mine\n`.replaceAll('\n', '\r\n'))
    expect(session(clone, 'core/values.ts')).toBe(now('core/values.ts').replaceAll('\n', '\r\n'))
    await cli(clone, UPGRADE)
    expect((await git(clone, 'status', '--porcelain', 'lib/session/manifest.json')).trim()).toMatch(/^M /)
  })
})

describe('an app whose earlier files are not in git', () => {
  /** Edited before its first commit, which so has not what the version gave. */
  async function lateCommitted(): Promise<string> {
    const folder = folderWith(APP)
    await cli(folder, ['add', '--no-install'], { folder: earlierPackage })
    edit(folder, 'core/keys.ts', (text) => `${text}// mine\n`)
    return folder
  }

  /** A registry that has one version of one package. */
  async function registry(): Promise<Record<string, string>> {
    const folder = folderWith({})
    execFileSync('tar', ['-czf', join(folder, 'old.tgz'), 'package'], { cwd: join(earlierPackage, '..') })
    const tarball = execFileSync('cat', [join(folder, 'old.tgz')], { maxBuffer: 2 ** 24 })
    const server = createServer((request, response) => {
      if (request.url === '/old.tgz') return response.end(tarball)
      if (request.url !== '/create-sess-app') return response.writeHead(404).end('{}')
      const dist = { tarball: `${address}/old.tgz` }
      const versions = { '0.0.9': { name: 'create-sess-app', version: '0.0.9', dist } }
      return response.end(JSON.stringify({ name: 'create-sess-app', versions, 'dist-tags': {} }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.close()
    })
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { npm_config_registry: address, npm_config_cache: join(folder, 'cache') }
  }

  test.each(['in no repository', 'committed too late'])(
    'and which is %s gets them from the registry',
    async (where) => {
      const folder = await lateCommitted()
      if (where === 'committed too late') await commitAll(folder)
      const { exitCode, stdout } = await cli(folder, UPGRADE, { env: await registry() })
      expect([exitCode, stdout]).toEqual([
        0,
        expect.stringContaining('core/keys.ts: merged with your edits\n'),
      ])
      expect(session(folder, 'core/keys.ts')).toBe(`${now('core/keys.ts')}// mine\n`)
    },
  )

  test('and with no registry keeps yours, and has the new one beside it', async () => {
    const folder = await lateCommitted()
    const { exitCode, stdout } = await cli(folder, UPGRADE)
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^core\/keys\.ts: yours stays.*\(core\/keys\.ts\.new\)$/m),
    ])
    expect(session(folder, 'core/keys.ts')).toBe(`${OLD_LINE}${now('core/keys.ts')}// mine\n`)
    expect(session(folder, 'core/keys.ts.new')).toBe(now('core/keys.ts'))
    expect(session(folder, 'core/values.ts')).toBe(now('core/values.ts'))
  })

  test('and on a machine without git keeps yours, and has the new one beside it', async () => {
    const folder = await lateCommitted()
    const bin = folderWith({})
    mkdirSync(join(bin, 'bin'))
    symlinkSync(process.execPath, join(bin, 'bin', 'node'))
    const { exitCode } = await cli(folder, UPGRADE, { env: { PATH: join(bin, 'bin') } })
    expect(exitCode).toBe(0)
    expect(session(folder, 'core/keys.ts.new')).toBe(now('core/keys.ts'))
  })
})

describe('an app that cannot be upgraded', () => {
  const manifest = (version: string) => JSON.stringify({ version, stores: ['cookie'], files: {} })
  test.each([
    ['without lib/session', {}, 'This app has no lib/session. Add sessions with: create-sess-app add'],
    ['whose copy was made by hand', { 'lib/session/index.ts': '' }, 'has no manifest.json'],
    ['of a later version', { 'lib/session/manifest.json': manifest('99.0.0') }, 'newer than this'],
    ['with a damaged manifest', { 'lib/session/manifest.json': '{ "version": 1 }' }, 'is damaged'],
    ['with a manifest that is no JSON', { 'lib/session/manifest.json': '<<<<<<<' }, 'is not valid JSON'],
  ])('%s: one line, exit code 1, nothing written', async (_, files, message) => {
    const folder = folderWith({ ...APP, ...files })
    const before = treeOf(folder)
    const { exitCode, stdout, stderr } = await cli(folder, UPGRADE)
    expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^[^\n]+\n$/)])
    expect(stderr).toContain(message)
    expect(treeOf(folder)).toEqual(before)
  })

  test('because a folder stands in the place of a file stays as it was', async () => {
    const folder = await earlierApp()
    rmSync(join(folder, 'lib/session/core/limits.ts'), { force: true })
    mkdirSync(join(folder, 'lib/session/core/limits.ts'))
    writeFileSync(join(folder, 'lib/session/core/limits.ts/mine'), '')
    const before = treeOf(folder)
    const { exitCode, stderr } = await cli(folder, UPGRADE)
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^Cannot read .*limits\.ts: a folder is where a file is needed\./),
    ])
    expect(treeOf(folder)).toEqual(before)
  })

  test.each([4, 9, 14, 24].flatMap((at) => [`ENOSPC@${at}`, `SIGINT@${at}`]))(
    'because of %s stays as it was',
    async (fault) => {
      const folder = await earlierApp()
      const before = treeOf(folder)
      const env = { FAULT: fault, NODE_OPTIONS: `--import ${new URL('faults.mjs', import.meta.url)}` }
      const { exitCode } = await cli(folder, UPGRADE, { env })
      expect(exitCode).toBe(fault.startsWith('SIGINT') ? 130 : 1)
      expect(treeOf(folder)).toEqual(before)
    },
  )

  test('because its packages cannot be installed is complete, and told how to go on', async () => {
    const { exitCode, stderr } = await cli(await earlierApp(), ['upgrade'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('The files are complete; the packages are not. Try again with: npm install')
  })
})
