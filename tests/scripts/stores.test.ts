import { describe, expect, test } from 'vitest'
import { chosenStores, namedServer, STORES, serversOf } from '../../scripts/stores.mjs'

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
