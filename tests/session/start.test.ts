import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeEach, expect, test, vi } from 'vitest'
import { TEST_SECRET } from '@/lib/session/testing/test-records'
import { compiled } from '../compiled'

const WITHOUT_PACKAGE = compiled('tests/session/without-package.ts')

beforeEach(() => vi.resetModules())

async function findStartProblem(node?: string) {
  return (await import('@/lib/session/start')).findStartProblem(node)
}

test.each(['20.20.2', '22.12.0', '18.0.0'])(
  'Node.js %s is too old, and the message says what is needed and how to get it',
  async (node) => {
    expect(await findStartProblem(node)).toBe(
      `Node.js ${node} is too old: sessions need 22.13 or later. Install a newer one from https://nodejs.org, or let the app bring one for its npm scripts: npm install --save-dev --save-exact node@24`,
    )
  },
)

test.each(['22.13.0', '24.0.0', '26.10.0'])('Node.js %s starts with a good configuration', async (node) => {
  vi.stubEnv('SESSION_SECRET', TEST_SECRET)
  expect(await findStartProblem(node)).toBeUndefined()
})

test('a bad configuration is one text with every problem', async () => {
  vi.stubEnv('SESSION_SECRET', '')
  vi.stubEnv('SESSION_STORE', 'redsi')
  expect(await findStartProblem()).toMatch(
    /2 problems:\n {2}- SESSION_STORE is "redsi".*\n {2}- SESSION_SECRET is missing/,
  )
})

test('a foreign variable is a warning on the console', async () => {
  vi.stubEnv('SESSION_SECRET', TEST_SECRET)
  vi.stubEnv('SESSION_SERVICE_REGION', 'eu')
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  expect(await findStartProblem()).toBeUndefined()
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('SESSION_SERVICE_REGION'))
})

test('the start begins to sweep a store that needs it, and never one that does not', async () => {
  vi.stubEnv('SESSION_SECRET', TEST_SECRET)
  const started = vi.spyOn(globalThis, 'setInterval')
  for (const [store, timers] of [
    ['cookie', 0],
    ['memory', 1],
  ] as const) {
    vi.resetModules()
    vi.stubEnv('SESSION_STORE', store)
    await (await import('@/lib/session/start')).startStore()
    expect(started).toHaveBeenCalledTimes(timers)
  }
  for (const { value } of started.mock.results) clearInterval(value)
})

test('a directory that cannot be written stops the start, and is named', async () => {
  vi.stubEnv('SESSION_SECRET', TEST_SECRET)
  vi.stubEnv('SESSION_STORE', 'file')
  vi.stubEnv('SESSION_FILE_DIR', 'package.json/sessions')
  expect(await findStartProblem()).toMatch(
    /SESSION_FILE_DIR is "package.json\/sessions"; it cannot be made or written/,
  )
})

test.each([
  ['pg', { SESSION_STORE: 'database', DATABASE_URL: 'postgres://localhost/app' }],
  ['better-sqlite3', { SESSION_STORE: 'database' }],
  ['drizzle-orm', { SESSION_STORE: 'database' }],
  ['@redis/client', { SESSION_STORE: 'redis', REDIS_URL: 'redis://localhost' }],
  ['memcache-client', { SESSION_STORE: 'memcached', MEMCACHED_SERVERS: 'localhost' }],
])(
  'without the package %s a store that needs it stops the start and says what to install',
  async (name, env) => {
    const start = (env: Record<string, string>) =>
      promisify(execFile)(process.execPath, [WITHOUT_PACKAGE, name], {
        env: { ...process.env, SESSION_SECRET: TEST_SECRET, ...env },
      })
    expect((await start(env)).stdout).toMatch(
      new RegExp(`packages that are not installed; run: npm install .*${name}`),
    )
    expect((await start({ SESSION_STORE: 'cookie' })).stdout).toBe('no problem\n')
  },
)

test('a server that does not answer is a warning, and the start goes on', async () => {
  vi.stubEnv('SESSION_SECRET', TEST_SECRET)
  vi.stubEnv('SESSION_STORE', 'redis')
  vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:1') // nobody listens there
  vi.stubEnv('SESSION_STORE_TIMEOUT_MS', '300')
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { findStartProblem, startStore } = await import('@/lib/session/start')
  expect(await findStartProblem()).toBeUndefined()
  await startStore()
  await vi.waitFor(
    () => expect(warn).toHaveBeenCalledWith(expect.stringContaining('failed to load a session')),
    { timeout: 20_000 },
  )
  expect(JSON.parse(warn.mock.calls[0]?.[0])).toMatchObject({ event: 'warning' })
})
