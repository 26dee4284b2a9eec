import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { contentsOf, newFolder, run } from './cli'

const QUICK = ['my-app', '--yes', '--no-install', '--no-git', '--lean', '--only', 'cookie']
const FAULTS = new URL('./faults.mjs', import.meta.url).href

const MINE = {
  'README.md': 'my readme',
  'app/page.tsx': 'my page',
  'app/about/page.tsx': 'my other page',
  'lib/session/index.ts': 'my sessions',
  'notes.txt': 'my notes',
  '.env.local': 'MINE=1\n',
}
const COLLISIONS = ['README.md', 'app/page.tsx', 'lib/session/index.ts', '.env.local']

/** A folder with an app of somebody's own in it. */
function folderWithFiles(): string {
  const cwd = newFolder()
  for (const [path, text] of Object.entries(MINE)) {
    mkdirSync(dirname(join(cwd, 'my-app', path)), { recursive: true })
    writeFileSync(join(cwd, 'my-app', path), text)
  }
  return cwd
}

test('without --force nothing is touched, and what it would overwrite is listed', async () => {
  const cwd = folderWithFiles()
  const before = contentsOf(cwd)
  const { exitCode, stderr } = await run(cwd, QUICK)

  expect(exitCode).toBe(1)
  expect(stderr).toContain(`--force overwrites only ${COLLISIONS.join(', ')}.`)
  expect(contentsOf(cwd)).toEqual(before)
})

test('--force overwrites what is listed, and nothing else', async () => {
  const cwd = folderWithFiles()
  const { exitCode, stderr } = await run(cwd, [...QUICK, '--force'])
  const after = contentsOf(join(cwd, 'my-app'))

  expect(exitCode).toBe(0)
  expect(stderr).toBe(`Note: overwritten because of --force: ${COLLISIONS.join(', ')}\n`)
  for (const [path, text] of Object.entries(MINE)) {
    if (COLLISIONS.includes(path)) expect(after[path]).not.toBe(text)
    else expect(after[path]).toBe(text)
  }
  expect(readdirSync(cwd)).toEqual(['my-app'])
  expect(Object.keys(after).filter((path) => path.includes('.create-sess-app'))).toEqual([])
  expect(statSync(join(cwd, 'my-app', '.env.local')).mode & 0o777).toBe(0o600)
})

test('--force --dry-run marks what it would overwrite, and writes nothing', async () => {
  const cwd = folderWithFiles()
  const before = contentsOf(cwd)
  const { exitCode, stdout } = await run(cwd, [...QUICK, '--force', '--dry-run'])
  const marked = [...stdout.matchAll(/^overwrite my-app\/(.*)$/gm)].map(([, path]) => path)

  expect(exitCode).toBe(0)
  expect(marked).toEqual(expect.arrayContaining(COLLISIONS))
  expect(marked).toHaveLength(COLLISIONS.length)
  expect(contentsOf(cwd)).toEqual(before)
})

test('--force replaces a link by a file, and leaves what it led to', async () => {
  const cwd = newFolder()
  mkdirSync(join(cwd, 'my-app'))
  writeFileSync(join(cwd, 'shared.md'), 'mine')
  symlinkSync('../shared.md', join(cwd, 'my-app', 'README.md'))

  expect(await run(cwd, [...QUICK, '--force'])).toMatchObject({ exitCode: 0 })
  expect(contentsOf(cwd)['shared.md']).toBe('mine')
  expect(contentsOf(cwd)['my-app/README.md']).toMatch(/^# my-app\n/)
})

test.each([
  ['ENOSPC', 1],
  ['SIGINT', 130],
])('--force that meets %s, wherever it is, puts everything back', async (fault, expected) => {
  let hits = 0
  // Every 17th change to the disk, up to the first that is one too many.
  for (let at = 1; ; at += 17) {
    const cwd = folderWithFiles()
    const before = contentsOf(cwd)
    const options = { preload: [FAULTS], env: { FAULT: `${fault}@${at}` } }
    const { exitCode, stderr } = await run(cwd, [...QUICK, '--force'], options)
    // An interruption at the very last change finds the app complete, and says so.
    if (exitCode === 0 || stderr.includes('The files of the app are complete.')) break
    expect(exitCode).toBe(expected)
    expect(contentsOf(cwd)).toEqual(before)
    hits += 1
  }
  expect(hits).toBeGreaterThan(8)
})

test('what cannot be put back is kept, and it is said where', async () => {
  const cwd = folderWithFiles()
  // From here on the disk refuses everything, the way back included.
  const options = { preload: [FAULTS], env: { FAULT: 'EIO@250-' } }
  const { exitCode, stderr } = await run(cwd, [...QUICK, '--force'], options)

  expect(exitCode).toBe(1)
  const kept = /the earlier files are in (\S+)/.exec(stderr)?.[1] ?? ''
  expect(kept).toContain(join(cwd, 'my-app', '.create-sess-app-'))
  const found = { ...contentsOf(join(cwd, 'my-app')), ...contentsOf(kept) }
  for (const [path, text] of Object.entries(MINE)) expect(found[path]).toBe(text)
})
