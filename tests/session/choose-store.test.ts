import { describe, expect, test } from 'vitest'
import { readConfig } from '@/lib/session/config/config'
import { chooseOldStore, chooseStore } from '@/lib/session/stores/choose'
import { SessionConfigError } from '@/lib/session/stores/errors'
import { TEST_SECRET } from '@/lib/session/testing/test-records'

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig({ NODE_ENV: 'test', SESSION_SECRET: TEST_SECRET, ...env })
    return []
  } catch (error) {
    if (error instanceof SessionConfigError) return error.problems
    throw error
  }
}

describe('SESSION_STORE=database', () => {
  test.each([
    [undefined, { kind: 'sqlite', file: './data/sessions.db' }],
    ['file:./data/my.db', { kind: 'sqlite', file: './data/my.db' }],
    ['file:my.db', { kind: 'sqlite', file: 'my.db' }],
    ['file:/var/lib/app/my.db', { kind: 'sqlite', file: '/var/lib/app/my.db' }],
    ['file:///var/lib/my%20app.db', { kind: 'sqlite', file: '/var/lib/my app.db' }],
    ['postgres://user:pa%zz@db/app', { kind: 'postgres', url: 'postgres://user:pa%zz@db/app' }],
    ['postgres://u:p@db:5432/app', { kind: 'postgres', url: 'postgres://u:p@db:5432/app' }],
    ['postgresql://db/app?sslmode=require', { kind: 'postgres', url: 'postgresql://db/app?sslmode=require' }],
  ])('with DATABASE_URL=%s is %o', (DATABASE_URL, options) => {
    expect(chooseStore('database', { DATABASE_URL })).toEqual({ options })
  })

  test.each([
    'postgresql://user:pass@/db?host=/cloudsql/project:region:instance',
    'postgres:///db?host=/var/run/postgresql',
    'postgres://%2Fvar%2Frun%2Fpostgresql/db',
    'postgres://user:pass@%2Fvar%2Frun%2Fpostgresql:5433/db',
    'socket:/var/run/postgresql?db=app',
    'socket://user:pass@/var/run/postgresql?db=app',
    '/var/run/postgresql app',
  ])('takes DATABASE_URL=%s, which pg takes for a Unix socket', (url) => {
    expect(chooseStore('database', { DATABASE_URL: url })).toEqual({ options: { kind: 'postgres', url } })
  })

  test.each([
    'mysql://root:hunter2@db/app',
    'data/sessions.db',
    'file:',
    'file:./dir/',
    'file:my.db?mode=ro',
    'file://otherhost/my.db',
    'file::memory:',
    'postgres://',
    'postgres:db',
    'postgres://user:hunter2@:notaport/db',
    '/var/lib/app/sessions.db',
    'socket:',
  ])('refuses DATABASE_URL=%s, says what it can be, and never shows it', (url) => {
    const problems = problemsOf({ SESSION_STORE: 'database', DATABASE_URL: url })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^DATABASE_URL must be file: and a path \(SQLite\).*or postgres:\/\//)
    expect(problems[0]).not.toContain('hunter2')
  })

  test('is the only one that looks at DATABASE_URL, which may be another part of the app’s', () => {
    expect(
      problemsOf({ SESSION_STORE: 'cookie', DATABASE_URL: 'mysql://db/app', REDIS_URL: 'nonsense' }),
    ).toEqual([])
  })
})

describe('SESSION_STORE=redis', () => {
  test.each(['redis://localhost:6379', 'rediss://user:pass@host:6380/2', 'redis://:secret@[::1]:6379'])(
    'takes REDIS_URL=%s as it is',
    (url) => {
      expect(chooseStore('redis', { REDIS_URL: url })).toEqual({ options: { kind: 'redis', url } })
    },
  )

  test('needs REDIS_URL, and one for Redis', () => {
    expect(problemsOf({ SESSION_STORE: 'redis' })).toEqual([
      expect.stringMatching(
        /^REDIS_URL is missing; SESSION_STORE=redis needs it: .*redis:\/\/localhost:6379/,
      ),
    ])
    for (const REDIS_URL of [
      'http://:hunter2@host',
      'redis://',
      'redis://:hunter2@h/cache',
      'redis://:hunter2%zz@h',
    ]) {
      const [problem] = problemsOf({ SESSION_STORE: 'redis', REDIS_URL })
      expect(problem).toMatch(/^REDIS_URL must be redis:/)
      expect(problem).not.toContain('hunter2')
    }
  })
})

describe('SESSION_STORE=memcached', () => {
  test('takes servers in any order, with the usual port where none is given, each once', () => {
    const options = { kind: 'memcached', servers: ['10.0.0.1:11212', 'a:11211', 'b:22122'] }
    for (const list of ['b:22122,a,10.0.0.1:11212', ' a:11211 , 10.0.0.1:11212,b:22122,a']) {
      expect(chooseStore('memcached', { MEMCACHED_SERVERS: list })).toEqual({ options })
    }
  })

  test.each([
    'a:b',
    'a:11211,,b',
    ',',
    'a b',
    'http://a',
    'a:123456',
    'a:0',
    'a:65536',
    '[::1]:11211',
    'memcached://a',
  ])('refuses %s', (list) => {
    const [problem] = problemsOf({ SESSION_STORE: 'memcached', MEMCACHED_SERVERS: list })
    expect(problem).toMatch(/^MEMCACHED_SERVERS must be host:port/)
  })

  test('needs MEMCACHED_SERVERS', () => {
    expect(problemsOf({ SESSION_STORE: 'memcached' })).toEqual([
      expect.stringContaining('MEMCACHED_SERVERS is missing'),
    ])
  })
})

describe('SESSION_MIGRATE_FROM', () => {
  test.each([
    ['cookie', { kind: 'cookie' }],
    ['file', { kind: 'file', directory: './elsewhere' }],
    ['redis', { kind: 'redis', url: 'redis://r' }],
    ['file:./old-sessions/', { kind: 'file', directory: './old-sessions/' }],
    ['file:./old.db', { kind: 'sqlite', file: './old.db' }],
    ['postgres://old/app', { kind: 'postgres', url: 'postgres://old/app' }],
    ['rediss://old/1', { kind: 'redis', url: 'rediss://old/1' }],
    ['memcached://old1,old2:22122', { kind: 'memcached', servers: ['old1:11211', 'old2:22122'] }],
  ])('%s is %o', (text, options) => {
    const variables = { SESSION_FILE_DIR: './elsewhere', REDIS_URL: 'redis://r' }
    expect(chooseOldStore(text, variables)).toEqual({ options })
  })

  test('names a store or a URL, and the variables that the store needs are there', () => {
    const [problem] = problemsOf({ SESSION_MIGRATE_FROM: 'mysql://root:hunter2@old' })
    expect(problem).toMatch(/^SESSION_MIGRATE_FROM must be one of cookie, file, .*memcached:\/\/host:port/)
    expect(problem).not.toContain('hunter2')
    expect(problemsOf({ SESSION_STORE: 'file', SESSION_MIGRATE_FROM: 'redis' })).toEqual([
      expect.stringContaining('REDIS_URL is missing'),
    ])
  })

  test('can be another database behind the same socket', () => {
    const env = { SESSION_STORE: 'database', DATABASE_URL: 'postgres:///a?host=/run/pg' }
    expect(problemsOf({ ...env, SESSION_MIGRATE_FROM: 'postgres:///b?host=/run/pg' })).toEqual([])
    expect(problemsOf({ ...env, SESSION_MIGRATE_FROM: 'postgres:///a?host=/run/other' })).toEqual([])
  })

  test('can be another part of the same server', () => {
    const env = { SESSION_STORE: 'redis', REDIS_URL: 'redis://h/1', SESSION_MIGRATE_FROM: 'redis://h' }
    expect(problemsOf(env)).toEqual([])
  })

  test('is another store than the one that sessions move to', () => {
    for (const env of [
      { SESSION_MIGRATE_FROM: 'cookie' },
      { SESSION_STORE: 'database', SESSION_MIGRATE_FROM: 'file:./data/sessions.db' },
      { SESSION_STORE: 'memcached', MEMCACHED_SERVERS: 'a,b', SESSION_MIGRATE_FROM: 'memcached://B,a:11211' },
      { SESSION_STORE: 'file', SESSION_MIGRATE_FROM: 'file:data/../data/sessions/' },
      { SESSION_STORE: 'database', SESSION_MIGRATE_FROM: 'file:data/sessions.db' },
      { SESSION_STORE: 'redis', REDIS_URL: 'redis://h', SESSION_MIGRATE_FROM: 'rediss://me:pw@H:6379/0' },
      {
        SESSION_STORE: 'database',
        DATABASE_URL: 'postgres://h/a',
        SESSION_MIGRATE_FROM: 'postgres://me@h:5432/a',
      },
      {
        SESSION_STORE: 'database',
        DATABASE_URL: 'postgres://me:pw@/a?host=/run/pg',
        SESSION_MIGRATE_FROM: 'postgres://%2Frun%2Fpg/a',
      },
      { SESSION_STORE: 'database', DATABASE_URL: 'socket:/run/pg/?db=a', SESSION_MIGRATE_FROM: '/run/pg a' },
      {
        SESSION_STORE: 'database',
        DATABASE_URL: 'postgres:///a',
        SESSION_MIGRATE_FROM: 'postgres://localhost/a',
      },
    ]) {
      expect(problemsOf(env)).toEqual([expect.stringContaining('names the same store')])
    }
  })
})
