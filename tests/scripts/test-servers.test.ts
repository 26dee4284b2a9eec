import { expect, test } from 'vitest'
import { SERVERS, type ServerName } from '../../scripts/stores.mjs'
import { startServers } from '../../scripts/test-servers.mjs'
import { freePort } from '../free-port'
import { memcachedServers, postgresUrl, redisUrl } from '../servers'

const RUNNING = {
  TEST_REDIS_URL: redisUrl(),
  TEST_MEMCACHED_SERVERS: memcachedServers().join(','),
  TEST_POSTGRES_URL: postgresUrl(),
}

test('servers that variables name are used, and not stopped', async () => {
  for (const _ of ['first', 'again']) {
    const { variables, problem, stop } = await startServers(SERVERS, RUNNING)
    await stop()

    expect({ variables, problem }).toEqual({ variables: RUNNING, problem: undefined })
  }
})

test.each<[ServerName, string, (address: string) => string]>([
  ['redis', 'TEST_REDIS_URL', (address) => `redis://:sesame@${address}`],
  ['memcached', 'TEST_MEMCACHED_SERVERS', (address) => `${memcachedServers()[0]},${address}`],
  ['postgres', 'TEST_POSTGRES_URL', (address) => `postgres://me:sesame@${address}/postgres`],
])('a %s that does not answer is a problem, told without the password', async (server, variable, valueAt) => {
  const { variables, problem } = await startServers([server], {
    [variable]: valueAt(`127.0.0.1:${await freePort()}`),
  })

  expect(variables).toEqual({})
  expect(problem).toContain(`${variable} names a server that cannot be reached`)
  expect(problem).toContain('ECONNREFUSED')
  expect(problem).not.toContain('sesame')
})

test('one memcached is too few for the tests', async () => {
  const { problem } = await startServers(['memcached'], { TEST_MEMCACHED_SERVERS: memcachedServers()[0] })

  expect(problem).toContain('the tests need 2')
})
