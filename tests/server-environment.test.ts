import { describe, expect, test, vi } from 'vitest'
import { serverEnvironment } from '../e2e/server-environment'
import { STORES } from '../scripts/stores.mjs'

const SHELL = {
  NODE_ENV: 'test' as const,
  E2E_DATA_DIR: '/tmp/run',
  TEST_REDIS_URL: 'redis://127.0.0.1:1',
  TEST_MEMCACHED_SERVERS: '127.0.0.1:2,127.0.0.1:3',
  TEST_POSTGRES_URL: 'postgres://postgres@127.0.0.1:4/postgres',
}
const PLACES = ['SESSION_PREFIX', 'SESSION_FILE_DIR', 'DATABASE_URL']

test.each([
  ['cookie', { SESSION_STORE: 'cookie' }],
  ['file', { SESSION_STORE: 'file', SESSION_FILE_DIR: expect.stringMatching(/^\/tmp\/run\/\w+$/) }],
  [
    'sqlite',
    { SESSION_STORE: 'database', DATABASE_URL: expect.stringMatching(/^file:\/tmp\/run\/\w+\.db$/) },
  ],
  ['postgres', { SESSION_STORE: 'database', DATABASE_URL: SHELL.TEST_POSTGRES_URL }],
  ['redis', { SESSION_STORE: 'redis', REDIS_URL: SHELL.TEST_REDIS_URL }],
  ['memcached', { SESSION_STORE: 'memcached', MEMCACHED_SERVERS: SHELL.TEST_MEMCACHED_SERVERS }],
] as const)('a run on %s differs by the environment alone', (store, expected) => {
  expect(serverEnvironment(SHELL, {}, store)).toMatchObject({ ...expected, NODE_ENV: 'production' })
})

test.each(['postgres', 'redis', 'memcached'] as const)(
  'without a server there is no run on %s, on nothing in its place',
  (store) => {
    expect(() => serverEnvironment({ NODE_ENV: 'test' }, {}, store)).toThrow(`No ${store} to test with`)
  },
)

describe('the records of servers under test', () => {
  const places = (secret: string, shell: NodeJS.ProcessEnv = SHELL) => {
    const environment = serverEnvironment(shell, { SESSION_SECRET: secret }, 'sqlite')
    return PLACES.map((name) => environment[name])
  }

  test('are shared by servers with one secret', () => {
    expect(places('one')).toEqual(places('one'))
  })

  test('are apart for servers with different secrets', () => {
    const [one, other] = [places('one'), places('other')]
    expect(one.filter((place) => other.includes(place))).toEqual([])
  })

  test('are apart for two runs on one server, whatever the secret', () => {
    const [one, other] = [places('one'), places('one', { ...SHELL, E2E_DATA_DIR: '/tmp/other-run' })]
    expect(one.filter((place) => other.includes(place))).toEqual([])
  })

  test('have a prefix that the configuration accepts', () => {
    expect(places('one')[0]).toMatch(/^e2e-\w{16}:$/)
  })

  test('are where a test says, when it says so', () => {
    const wanted = { SESSION_STORE: 'file', SESSION_FILE_DIR: '/mine', SESSION_PREFIX: 'mine:' }

    expect(serverEnvironment(SHELL, wanted, 'redis')).toMatchObject(wanted)
  })
})

test('an app without the file store names no directory for it, which its configuration would warn of', () => {
  vi.spyOn(process, 'cwd').mockReturnValue('/an-app-without-it')

  expect(serverEnvironment(SHELL, {}, 'cookie')).not.toHaveProperty('SESSION_FILE_DIR')
})

test('a second store has its server at hand', () => {
  expect(serverEnvironment(SHELL, { SESSION_STORE: 'redis' }, 'cookie').REDIS_URL).toBe(SHELL.TEST_REDIS_URL)
})

test('the suite chooses the store, and the shell the limits', () => {
  const shell = { ...SHELL, SESSION_STORE: 'file', DATABASE_URL: 'file:./my.db', SESSION_IDLE_SECONDS: '60' }
  for (const store of STORES) {
    const environment = serverEnvironment(shell, {}, store)
    expect(environment.SESSION_IDLE_SECONDS).toBe('60')
    expect(environment.DATABASE_URL).not.toBe('file:./my.db')
  }
  expect(serverEnvironment(shell, {}, 'cookie').SESSION_STORE).toBe('cookie')
})
