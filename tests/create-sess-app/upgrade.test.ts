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
      /^ {6}expect.stringMatching(/^Cannot read .*limits\.ts: a folder is where a file is needed\./),
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
