import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import { withStores } from '@/create-sess-app/src/store-table'
import { CORE_PACKAGES, isFileOfStores, type StoreId, storeOf } from '@/create-sess-app/src/stores'
import { TEST_SECRET } from '@/lib/session/testing/test-records'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-left-out-'))
  return () => rm(folder, { recursive: true, force: true })
})

const environments: Record<StoreId, Record<string, string>> = {
  cookie: { SESSION_STORE: 'cookie' },
  file: { SESSION_STORE: 'file' },
  sqlite: { SESSION_STORE: 'database' },
  postgres: { SESSION_STORE: 'database', DATABASE_URL: 'postgres://127.0.0.1:1/app' },
  redis: { SESSION_STORE: 'redis', REDIS_URL: 'redis://127.0.0.1:1' },
  memcached: { SESSION_STORE: 'memcached', MEMCACHED_SERVERS: '127.0.0.1:1' },
}

const kept: StoreId[][] = [
  ['cookie'],
  ['file'],
  ['sqlite'],
  ['postgres'],
  ['redis'],
  ['memcached'],
  ['sqlite', 'redis'],
]

test.each(kept.map((ids) => [ids.join(' and '), ids] as const))(
  'a copy that keeps %s needs neither the files nor the packages of the other stores',
  async (_title, ids) => {
    await copyWithStores(ids)
    expect(await typeErrors()).toBe('')
    for (const id of ids) expect(await start(environments[id])).toBe('no problem\n')
  },
  60_000,
)

test('a copy without trace/, ops/ and testing/ builds, when site.ts has the line that it shows for that', async () => {
  await copyWithStores(['cookie'])
  for (const room of ['trace', 'ops', 'testing']) await rm(join(folder, 'session', room), { recursive: true })
  const site = join(folder, 'session/site.ts')
  const text = await readFile(site, 'utf8')
  const [, replacement = ''] = text.match(/write here: (export .*)$/m) ?? []
  await writeFile(site, text.replace(/^export \{ tracing \} from .*$/m, replacement))
  expect(await typeErrors()).toBe('')
  expect(await start(environments.cookie)).toBe('no problem\n')
}, 60_000)

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
  const ofStores = ids.map(storeOf).flatMap(({ packages, typePackages }) => [...packages, ...typePackages])
  for (const name of new Set([...framework, ...CORE_PACKAGES, ...ofStores])) {
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
