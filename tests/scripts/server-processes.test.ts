import { expect, test } from 'vitest'
import { findFault } from '../../scripts/server-processes.mjs'
import { startServers } from '../../scripts/servers.mjs'
import { SERVERS, type ServerName } from '../../scripts/stores.mjs'
import { openGate } from '../gate'
import { memcachedServers, postgresUrl, redisUrl } from '../servers'

const RUNNING = { redis: redisUrl(), memcached: memcachedServers().join(','), postgres: postgresUrl() }

/** An address where nothing listens: it was a gate's, which is closed. */
async function closedAddress() {
  const gate = await openGate({ host: '127.0.0.1', port: 1 })
  await gate.close()
  return `${gate.host}:${gate.port}`
}

test.each(SERVERS)('%s that runs has no fault', async (server) => {
  expect(await findFault(server, RUNNING[server])).toBeUndefined()
})

test.each<[ServerName, (address: string) => string]>([
  ['redis', (address) => `redis://:sesame@${address}`],
  ['memcached', (address) => `${RUNNING.memcached.split(',')[0]},${address}`],
  ['postgres', (address) => `postgres://me:sesame@${address}/postgres`],
])('%s that does not run has one, told without the password', async (server, valueAt) => {
  const fault = await findFault(server, valueAt(await closedAddress()))

  expect(fault).toContain('ECONNREFUSED')
  expect(fault).not.toContain('sesame')
})

test('a server of another kind is no memcached', async () => {
  const redis = new URL(RUNNING.redis).host

  expect(await findFault('memcached', `${redis},${redis}`)).toContain('is no memcached')
})

test('one memcached is too few', async () => {
  const [first = ''] = memcachedServers()

  expect(await findFault('memcached', first)).toContain('the tests need 2')
})

test('servers that are named stay as they are when their keeper stops', async () => {
  const { variables, problem, stop } = await startServers(SERVERS)
  await stop()

  expect({ variables, problem }).toEqual({
    variables: {
      TEST_REDIS_URL: RUNNING.redis,
      TEST_MEMCACHED_SERVERS: RUNNING.memcached,
      TEST_POSTGRES_URL: RUNNING.postgres,
    },
    problem: undefined,
  })
  for (const server of SERVERS) expect(await findFault(server, RUNNING[server])).toBeUndefined()
})
