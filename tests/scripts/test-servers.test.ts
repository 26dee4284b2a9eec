import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
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

test.each(['postgres://me:sesame@/name?host=/run', 'postgres:///name?password=sesame'])(
  'a URL without a host is a problem of its variable, told without the password: %s',
  async (DATABASE_URL) => {
    const { problem } = await startServers(['postgres'], { DATABASE_URL })

    expect(problem).toBe(
      'DATABASE_URL names no host; the tests need a URL with one, and cannot use a Unix socket.',
    )
  },
)

test('apt that fails is asked once for all servers', async () => {
  const bin = await mkdtemp(join(tmpdir(), 'sess-apt-test-'))
  onTestFinished(() => rm(bin, { recursive: true }))
  await writeFile(join(bin, 'apt-get'), `#!/bin/sh\necho "$*" >> ${bin}/done\nexit 1\n`, { mode: 0o755 })
  const script = fileURLToPath(new URL('../../scripts/test-servers.mjs', import.meta.url))
  const asRoot = 'data:text/javascript,process.getuid = () => 0'
  const args = ['--import', asRoot, script, 'redis', 'memcached']

  expect(spawnSync(process.execPath, args, { env: { PATH: bin, NODE_ENV: 'test' } }).status).toBe(1)
  expect(await readFile(join(bin, 'done'), 'utf8')).toBe('update\n')
})

test('one memcached is too few for the tests', async () => {
  const { problem } = await startServers(['memcached'], { TEST_MEMCACHED_SERVERS: memcachedServers()[0] })

  expect(problem).toContain('the tests need 2')
})
