import { describe, expect, test } from 'vitest'
import {
  chosenStores,
  namedServer,
  STORES,
  type Store,
  serversOf,
  serversOfApp,
} from '../../scripts/stores.mjs'

describe('the stores of a run', () => {
  test.each([
    [{}, STORES],
    [{ SESSION_STORE: '' }, STORES],
    [{ SESSION_STORE: 'file' }, ['file']],
    [{ SESSION_STORE: 'database' }, ['sqlite']],
    [{ SESSION_STORE: 'database', DATABASE_URL: 'file:./a.db' }, ['sqlite']],
    [{ SESSION_STORE: 'database', DATABASE_URL: 'postgres://host/name' }, ['postgres']],
  ])('with %o in the shell are %o', (env, stores) => {
    expect(chosenStores(env)).toEqual(stores)
  })

  test('are none when the shell names one that has no suite', () => {
    expect(() => chosenStores({ SESSION_STORE: 'memory' })).toThrow('SESSION_STORE is memory')
  })

  test('need only their own servers', () => {
    expect(serversOf(['cookie', 'file', 'sqlite'])).toEqual([])
    expect(serversOf(['postgres', 'redis'])).toEqual(['redis', 'postgres'])
    expect(serversOf(STORES)).toEqual(['redis', 'memcached', 'postgres'])
  })
})

describe('a server that the environment names', () => {
  test.each([
    ['redis', { TEST_REDIS_URL: 'redis://a', REDIS_URL: 'redis://b' }, 'TEST_REDIS_URL'],
    ['redis', { TEST_REDIS_URL: '', REDIS_URL: 'rediss://b' }, 'REDIS_URL'],
    ['memcached', { MEMCACHED_SERVERS: 'a:1,b:2' }, 'MEMCACHED_SERVERS'],
    ['postgres', { DATABASE_URL: 'postgresql://a/b' }, 'DATABASE_URL'],
  ] as const)('for %s with %o is the one in %3$s', (server, env, variable) => {
    expect(namedServer(server, env)).toEqual({ variable, value: { ...env }[variable as keyof typeof env] })
  })

  test('is not a file of SQLite', () => {
    expect(namedServer('postgres', { DATABASE_URL: 'file:./data/sessions.db' })).toBeUndefined()
  })
})

describe('the servers that an app needs', () => {
  const POSTGRES = { DATABASE_URL: 'postgres://a.example/b' }
  test.each<[env: Record<string, string>, madeWith: Store, servers: string[]]>([
    [{}, 'cookie', []],
    [{}, 'redis', ['redis']],
    [{}, 'postgres', ['postgres']],
    [{ SESSION_STORE: '' }, 'memcached', ['memcached']],
    [{ SESSION_STORE: 'redis' }, 'cookie', ['redis']],
    [{ SESSION_STORE: 'memcached' }, 'redis', ['memcached']],
    [{ SESSION_STORE: 'file' }, 'redis', []],
    [{ SESSION_STORE: 'memory' }, 'redis', []],
    [{ SESSION_STORE: 'postgres' }, 'cookie', []], // no value of SESSION_STORE: the start says so
    [{ SESSION_STORE: 'database' }, 'cookie', []],
    [{ SESSION_STORE: 'database' }, 'postgres', ['postgres']],
    [{ SESSION_STORE: 'database', ...POSTGRES }, 'cookie', ['postgres']],
    [{ SESSION_STORE: 'database', DATABASE_URL: 'file:./a.db' }, 'postgres', []],
    [{ DATABASE_URL: 'file:./a.db' }, 'postgres', []],
    [{ SESSION_STORE: 'redis', SESSION_MIGRATE_FROM: 'memcached' }, 'cookie', ['redis', 'memcached']],
    [{ SESSION_STORE: 'file', SESSION_MIGRATE_FROM: 'redis://a.example' }, 'cookie', []],
  ])('with %j, made with %s, are %j', (env, madeWith, servers) => {
    expect(serversOfApp(env, madeWith)).toEqual(servers)
  })
})
