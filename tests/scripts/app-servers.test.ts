import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../scripts/servers.mjs', import.meta.url))

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-app-servers-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** What a command sees that an app made with this store runs as its `dev` script does. */
async function seenBy(madeWith: string, env: Record<string, string> = {}, line = SHOW): Promise<string> {
  const child = spawn(process.execPath, [SCRIPT, '--for', madeWith, '--announce', '--', 'sh', '-c', line], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_ENV: 'development', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = (await text(child.stdout)).trimEnd().split('\n')
  return lines.at(-1) ?? ''
}

const SHOW = `echo "$SESSION_STORE|$REDIS_URL|$MEMCACHED_SERVERS|$DATABASE_URL"`

test.each([
  ['cookie', {}, /^\|\|\|$/],
  ['cookie', { SESSION_STORE: 'file' }, /^file\|\|\|$/],
  ['cookie', { SESSION_STORE: 'database' }, /^database\|\|\|$/],
  ['cookie', { SESSION_STORE: 'redis' }, /^redis\|redis:\/\/127\.0\.0\.1:\d+\|\|$/],
  ['cookie', { SESSION_STORE: 'memcached' }, /^memcached\|\|127\.0\.0\.1:\d+,127\.0\.0\.1:\d+\|$/],
  ['redis', { SESSION_STORE: 'cookie' }, /^cookie\|\|\|$/],
  [
    'cookie',
    { SESSION_STORE: 'redis', REDIS_URL: 'redis://mine.example' },
    /^redis\|redis:\/\/mine\.example\|\|$/,
  ],
])('an app made with %s and given %j has the server it needs, and no other', async (madeWith, env, seen) => {
  expect(await seenBy(madeWith, env)).toMatch(seen)
})

test('.env.local says it as well as the shell, and the shell goes before it', async () => {
  await writeFile(join(folder, '.env.local'), 'SESSION_STORE=redis\n')

  expect(await seenBy('cookie')).toMatch(/^\|redis:/) // Next reads the file itself
  expect(await seenBy('cookie', { SESSION_STORE: 'file' })).toMatch(/^file\|\|\|$/)
})

test.each([
  ['redis', /^redis\|redis:/],
  ['postgres', /^database\|\|\|postgres:/],
])('a clone without .env.local runs on the store that its app was made with, %s', async (madeWith, seen) => {
  expect(await seenBy(madeWith)).toMatch(seen)
})

test('what was brought up is told to this folder alone, to its owner alone, and taken back', async () => {
  const note = 'node_modules/.cache/sess/servers.json'
  expect(await seenBy('redis', {}, `stat -c %a ${note} || stat -f %Lp ${note}`)).toBe('600')
  expect(await readdir(join(folder, 'node_modules/.cache/sess'))).toEqual([])
})
