import { describe, expect, test } from 'vitest'
import { ensureServers, findExecutable } from '../../scripts/servers.mjs'
import { SERVERS, type ServerName } from '../../scripts/stores.mjs'

const REDIS = '/usr/bin/redis-server'
const MEMCACHED = '/usr/bin/memcached'
const POSTGRES = ['/usr/lib/postgresql/15/bin/initdb', '/usr/lib/postgresql/15/bin/postgres']
const APT = '/usr/bin/apt-get'
const DOCKER = '/usr/bin/docker'

/** A machine with these files, of which `broken` do not start; apt adds `installable`. It notes all that is done. */
function fakeMachine({
  files = [] as string[],
  broken = [] as string[],
  env = {} as Record<string, string>,
  unreachable = [] as string[],
  isRoot = false,
  installable = [] as string[],
  docker = undefined as 'up' | 'down' | undefined,
}) {
  const present = new Set(docker ? [...files, DOCKER] : files)
  const done: string[] = []
  const said: string[] = []
  return {
    done,
    said,
    env: { PATH: '/opt/bin:/usr/bin', ...env },
    isRoot,
    isExecutable: (path: string) => present.has(path),
    postgresFolders: () => ['/usr/lib/postgresql/9.6/bin', '/usr/lib/postgresql/15/bin'],
    findFault: async (_: ServerName, value: string) => (unreachable.includes(value) ? 'refused' : undefined),
    start: async (server: ServerName, executable: string) => {
      if (broken.includes(executable)) throw new Error('no such library')
      done.push(`start ${executable}`)
      return `${server} started`
    },
    run: async (command: string, args: string[]) => {
      done.push([command, ...args].join(' '))
      if (args[0] === 'install') for (const file of installable) present.add(file)
      return args[0] === 'update' || installable.length > 0
    },
    composeUp: async (servers: readonly ServerName[]) => {
      done.push(`compose ${servers.join(' ')}`)
      if (docker === 'down') return { problem: 'no docker daemon answers' }
      return { values: servers.map((server) => `${server} in docker`) }
    },
    say: (line: string) => said.push(line),
  }
}

const ALL_FILES = [REDIS, MEMCACHED, ...POSTGRES]

describe('a server that the environment names', () => {
  test('is taken before anything is started', async () => {
    const env = {
      TEST_REDIS_URL: 'redis://mine',
      MEMCACHED_SERVERS: 'a:1,b:2',
      DATABASE_URL: 'postgres://mine',
    }
    const machine = fakeMachine({ files: ALL_FILES, env, isRoot: true, docker: 'up' })

    expect(await ensureServers(SERVERS, machine)).toEqual({
      variables: {
        TEST_REDIS_URL: 'redis://mine',
        TEST_MEMCACHED_SERVERS: 'a:1,b:2',
        TEST_POSTGRES_URL: 'postgres://mine',
      },
      problem: undefined,
    })
    expect(machine.done).toEqual([])
    expect(machine.said).toEqual([
      'redis: TEST_REDIS_URL',
      'memcached: MEMCACHED_SERVERS',
      'postgres: DATABASE_URL',
    ])
  })

  test('and does not answer is a failure, replaced by no other and without its password', async () => {
    const url = 'redis://:sesame@mine'
    const machine = fakeMachine({ files: ALL_FILES, env: { TEST_REDIS_URL: url }, unreachable: [url] })

    const { variables, problem } = await ensureServers(['redis'], machine)
    expect(variables).toEqual({})
    expect(problem).toContain('TEST_REDIS_URL names a server that cannot be used: refused')
    expect(problem).not.toContain('sesame')
    expect(machine.done).toEqual([])
  })
})

describe('a server that is installed', () => {
  test('is started, and what is missing comes from elsewhere', async () => {
    const machine = fakeMachine({ files: [REDIS, APT], isRoot: true, installable: [MEMCACHED] })

    expect(await ensureServers(['redis', 'memcached'], machine)).toEqual({
      variables: { TEST_REDIS_URL: 'redis started', TEST_MEMCACHED_SERVERS: 'memcached started' },
      problem: undefined,
    })
    expect(machine.done[0]).toBe(`start ${REDIS}`)
  })

  test('asks neither apt nor Docker', async () => {
    const machine = fakeMachine({ files: [...ALL_FILES, APT], isRoot: true, docker: 'up' })
    await ensureServers(SERVERS, machine)

    expect(machine.done.toSorted()).toEqual([
      `start ${MEMCACHED}`,
      `start ${REDIS}`,
      'start /usr/lib/postgresql/15/bin/postgres',
    ])
  })

  test('but does not start comes from Docker, as installing it again would not help', async () => {
    const machine = fakeMachine({ files: [REDIS, APT], broken: [REDIS], isRoot: true, docker: 'up' })

    const { variables } = await ensureServers(['redis'], machine)
    expect(variables).toEqual({ TEST_REDIS_URL: 'redis in docker' })
    expect(machine.done).toEqual(['compose redis'])
  })

  test('may be Valkey', () => {
    expect(findExecutable('redis', fakeMachine({ files: ['/opt/bin/valkey-server'] }))).toBe(
      '/opt/bin/valkey-server',
    )
  })
})

describe('PostgreSQL', () => {
  const OLD = ['/usr/lib/postgresql/9.6/bin/initdb', '/usr/lib/postgresql/9.6/bin/postgres']

  test('is the newest of the package manager', () => {
    expect(findExecutable('postgres', fakeMachine({ files: [...OLD, ...POSTGRES] }))).toBe(POSTGRES[1])
  })

  test('is the one on the PATH before it', () => {
    const files = [...POSTGRES, '/opt/bin/initdb', '/opt/bin/postgres']

    expect(findExecutable('postgres', fakeMachine({ files }))).toBe('/opt/bin/postgres')
  })

  test('without initdb beside it is not there', () => {
    expect(findExecutable('postgres', fakeMachine({ files: ['/usr/bin/postgres'] }))).toBeUndefined()
  })
})

describe('a server that is not installed', () => {
  test('comes from apt for root, all that are missing in one go', async () => {
    const machine = fakeMachine({ files: [APT], isRoot: true, installable: ALL_FILES, docker: 'up' })

    const { problem } = await ensureServers(SERVERS, machine)
    expect(problem).toBeUndefined()
    expect(machine.done.slice(0, 2)).toEqual([
      'apt-get update',
      'apt-get install -y --no-install-recommends redis-server memcached postgresql',
    ])
    expect(machine.done.filter((line) => line.startsWith('compose'))).toEqual([])
  })

  test('comes from Docker for anybody else', async () => {
    const machine = fakeMachine({ files: [APT, MEMCACHED], docker: 'up' })

    expect((await ensureServers(SERVERS, machine)).variables).toEqual({
      TEST_REDIS_URL: 'redis in docker',
      TEST_MEMCACHED_SERVERS: 'memcached started',
      TEST_POSTGRES_URL: 'postgres in docker',
    })
    expect(machine.done.at(-1)).toBe('compose redis postgres')
  })

  test('comes from Docker when apt has none', async () => {
    const machine = fakeMachine({ files: [APT], isRoot: true, docker: 'up' })

    expect((await ensureServers(['redis'], machine)).variables).toEqual({ TEST_REDIS_URL: 'redis in docker' })
    expect(machine.done.at(-1)).toBe('compose redis')
  })

  test('and cannot be had is a problem: what was tried, and each way to get it', async () => {
    const machine = fakeMachine({ files: [APT, MEMCACHED], isRoot: true, docker: 'down' })

    const { variables, problem } = await ensureServers(SERVERS, machine)
    expect(variables).toEqual({ TEST_MEMCACHED_SERVERS: 'memcached started' })
    for (const words of [
      'The tests need redis, postgres',
      'apt-get install redis-server postgresql: failed',
      'no docker daemon answers',
      'sudo apt-get install redis-server postgresql',
      'brew install redis postgresql@17',
      'compose.yaml',
      'TEST_REDIS_URL=… TEST_POSTGRES_URL=…',
    ]) {
      expect(problem).toContain(words)
    }
  })

  test('is not looked for when no test needs it', async () => {
    const machine = fakeMachine({ files: [APT], isRoot: true, docker: 'up' })

    expect(await ensureServers([], machine)).toEqual({ variables: {}, problem: undefined })
    expect(machine.done).toEqual([])
  })
})
