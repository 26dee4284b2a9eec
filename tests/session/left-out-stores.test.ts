import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import { withStores } from '@/create-sess-app/src/store-table'
import { isFileOfStores, packagesOf, STORE_IDS, type StoreId, storeOf } from '@/create-sess-app/src/stores'
import { TEST_SECRET } from '@/lib/session/testing/test-records'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-left-out-'))
  return () => rm(folder, { recursive: true, force: true })
})

/** What chooses a store, with the example of each variable that it needs. */
function environmentOf(id: StoreId): Record<string, string> {
  const { variable, variables } = storeOf(id)
  return {
    SESSION_STORE: variable,
    ...Object.fromEntries(variables.map(({ name, example }) => [name, example])),
  }
}

test.each(
  [...STORE_IDS.map((id) => [id]), ['sqlite', 'redis']].map((ids) => [ids.join(' and '), ids] as const),
)(
  'a copy that keeps %s needs neither the files nor the packages of the other stores',
  async (_title, ids) => {
    await copyWithStores(ids)
    expect(await typeErrors()).toBe('')
    for (const id of ids) expect(await start(environmentOf(id))).toBe('no problem\n')
  },
  60_000,
)

test('a copy without the folder trace compiles, and starts, with the line that site.ts shows for that', async () => {
  await copyWithStores(['cookie'])
  await rm(join(folder, 'session/trace'), { recursive: true })
  const site = join(folder, 'session/site.ts')
  const text = await readFile(site, 'utf8')
  const [, replacement = ''] = text.match(/write here: (export .*)$/m) ?? []
  await writeFile(site, text.replace(/^export \{ tracing \} from .*$/m, replacement))
  expect(await typeErrors()).toBe('')
  expect(await start(environmentOf('cookie'))).toBe('no problem\n')
}, 60_000)

test('a copy without the folders ops and testing compiles, and starts', async () => {
  await copyWithStores(['file'])
  for (const name of ['ops', 'testing']) await rm(join(folder, 'session', name), { recursive: true })
  expect(await typeErrors()).toBe('')
  expect(await start(environmentOf('file'))).toBe('no problem\n')
}, 60_000)

test.each([
  [
    'redis',
    ['cookie'],
    { SESSION_STORE: 'redis', REDIS_URL: 'redis://localhost' },
    /SESSION_STORE is redis, but .* has no redis store \(it has: cookie, memory\).* add --store redis$/m,
  ],
  ['the default', ['file'], {}, /SESSION_STORE is cookie \(the default\), but .* add --store cookie$/m],
  [
    'either database',
    ['cookie'],
    { SESSION_STORE: 'database' },
    /SESSION_STORE is database, but .* has no database store .* add --store database$/m,
  ],
  [
    'SQLite, of two databases',
    ['postgres'],
    { SESSION_STORE: 'database' },
    /DATABASE_URL is missing; .*postgres:\/\/.* has no other database store; .* add --store database$/m,
  ],
  [
    'PostgreSQL, of two databases',
    ['sqlite'],
    { SESSION_STORE: 'database', DATABASE_URL: 'postgres://localhost/app' },
    /DATABASE_URL must be file: .* has no other database store; .* add --store database$/m,
  ],
  [
    'the old store',
    ['cookie'],
    { SESSION_MIGRATE_FROM: 'file' },
    /SESSION_MIGRATE_FROM is file, but .* has no file store .* add --store file$/m,
  ],
  [
    'the old store, by its URL',
    ['cookie'],
    { SESSION_MIGRATE_FROM: 'redis://localhost' },
    /SESSION_MIGRATE_FROM must be one of .* left out .* add --store <name>$/m,
  ],
])(
  'a configuration that names a store which is left out (%s) stops the start and says how to add it',
  async (_title, kept, env, sentence) => {
    await copyWithStores(kept)
    expect(await start(env)).toMatch(sentence)
  },
)

test('a configuration that names the store for development, where it was deleted, says what create-sess-app cannot add', async () => {
  await copyWithStores(['cookie'])
  await rm(join(folder, 'session/stores/memory'), { recursive: true })
  const table = join(folder, 'session/stores/installed.ts')
  await writeFile(table, (await readFile(table, 'utf8')).replace(/^.* memory .*\n/m, ''))
  const said = await start({ SESSION_STORE: 'memory' })
  expect(said).toMatch(
    /SESSION_STORE is memory, but .* has no memory store \(it has: cookie\)\. Choose another store, or copy /,
  )
  expect(said).not.toContain('--store memory')
})

/** `lib/session` with these stores, where no package can be found but those that they need. */
async function copyWithStores(ids: readonly StoreId[]): Promise<void> {
  const session = join(folder, 'session')
  await cp('lib/session', session, {
    recursive: true,
    filter: (path) => isFileOfStores(relative('lib/session', path), ids),
  })
  const table = join(session, 'stores/installed.ts')
  await writeFile(table, withStores(await readFile(table, 'utf8'), ids))

  const framework = ['next', 'react', '@types/node', '@types/react']
  const types = ids.map(storeOf).flatMap(({ typePackages }) => typePackages)
  for (const name of new Set([...framework, ...packagesOf(ids), ...types])) {
    const link = join(folder, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(resolve('node_modules', name), link)
  }

  const { compilerOptions } = JSON.parse(await readFile('tsconfig.json', 'utf8'))
  const options = { ...compilerOptions, incremental: false, paths: {}, plugins: [] }
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['session'] }),
  )
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
}

/** What the compiler says of the copy; empty when all is well. */
async function typeErrors(): Promise<string> {
  const tsc = resolve('node_modules/typescript/bin/tsc')
  return promisify(execFile)(process.execPath, [tsc, '--noEmit', '-p', folder]).then(
    () => '',
    (error) => error.stdout || error.message,
  )
}

async function start(env: Record<string, string>): Promise<string> {
  const script = resolve('tests/session/start-copy.ts')
  const args = ['--import', import.meta.resolve('tsx'), script, join(folder, 'session')]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: folder, // where the file of a database goes
    env: { ...process.env, SESSION_SECRET: TEST_SECRET, ...env },
  })
  return stdout
}
