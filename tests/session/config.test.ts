import { describe, expect, test } from 'vitest'
import { readConfig } from '@/lib/session/config/config'
import { SessionConfigError } from '@/lib/session/stores/errors'
import { TEST_SECRET } from '@/lib/session/testing/test-records'

const OTHER = 'yP5hJx0aNq8eTs4mVc1kWd6rBg9zLf2u'
const appVariables = { SESSION_DEMO_API: 'boolean', SESSION_ADMIN_TOKEN: 'secret' } as const
const read = (env: Record<string, string>) =>
  readConfig({ NODE_ENV: 'test', SESSION_SECRET: TEST_SECRET, ...env }, { appVariables })

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    read(env)
  } catch (error) {
    if (error instanceof SessionConfigError) return error.problems
    throw error
  }
  return []
}

describe('the configuration', () => {
  test('needs nothing but a secret', () => {
    expect(read({})).toEqual({
      store: 'cookie',
      secrets: [TEST_SECRET],
      cookie: { name: 'sess', secure: false, sameSite: 'lax', path: '/', domain: undefined, persist: true },
      limits: { idleMs: 3_600_000, absoluteMs: 86_400_000, touchMs: 60_000, avoidTouch: false, epoch: 0 },
      storeOptions: { kind: 'cookie' },
      migrateFrom: undefined,
      prefix: 'sess:',
      createTable: true,
      maxBytes: 1_048_576,
      storeTimeoutMs: 2000,
      saveUninitialized: false,
      production: false,
      trace: true,
      app: {},
      warnings: [],
    })
  })

  test('is strict in production: Secure, a __Host- name, no request trace', () => {
    const { cookie, trace } = read({ NODE_ENV: 'production' })
    expect(cookie).toMatchObject({ name: '__Host-sess', secure: true, sameSite: 'lax', path: '/' })
    expect(trace).toBe(false)
  })

  test.each(['staging', 'Production', 'qa', 'dev', 'Development', 'development ', '', undefined])(
    'is as strict as in production when NODE_ENV is %j',
    (NODE_ENV) => {
      const env = { SESSION_SECRET: TEST_SECRET }
      expect(readConfig({ ...env, NODE_ENV })).toEqual(readConfig({ ...env, NODE_ENV: 'production' }))
      expect(readConfig({ ...env, NODE_ENV }).production).toBe(true)
    },
  )

  test('is open in development and in unit tests alone', () => {
    expect(read({ NODE_ENV: 'development' })).toEqual(read({ NODE_ENV: 'test' }))
    expect(read({ NODE_ENV: 'development' })).toMatchObject({ production: false, trace: true })
  })

  test('has the strictest prefix whose rules hold: __Host-, __Secure-, or none', () => {
    const production = { NODE_ENV: 'production' }
    expect(read({ ...production, SESSION_COOKIE_DOMAIN: 'example.com' }).cookie.name).toBe('__Secure-sess')
    expect(read({ ...production, SESSION_COOKIE_PATH: '/app' }).cookie.name).toBe('__Secure-sess')
    expect(read({ SESSION_COOKIE_SECURE: 'true' }).cookie.name).toBe('__Host-sess')
    expect(read({ NODE_ENV: 'production', SESSION_COOKIE_SECURE: 'false' }).cookie.name).toBe('sess')
  })

  test('touches after a sixtieth of the idle time, or as told', () => {
    expect(read({ SESSION_IDLE_SECONDS: '6' }).limits.touchMs).toBe(100)
    expect(read({ SESSION_TOUCH_SECONDS: '0' }).limits.touchMs).toBe(0)
  })

  test('takes an empty variable as not set', () => {
    expect(read({ SESSION_STORE: '', SESSION_IDLE_SECONDS: ' ' })).toEqual(read({}))
  })

  test('reads several secrets, newest first, and an epoch in any zone', () => {
    const older = TEST_SECRET.split('').reverse().join('')
    expect(read({ SESSION_SECRET: `${TEST_SECRET}, ${older}` }).secrets).toEqual([TEST_SECRET, older])
    expect(read({ SESSION_EPOCH: '2026-01-01T02:00:00+02:00' }).limits.epoch).toBe(Date.UTC(2026, 0, 1))
  })

  test('cannot be changed afterwards', () => {
    const config = read({})
    expect(() => Object.assign(config.limits, { idleMs: 1 })).toThrow(TypeError)
  })
})

describe('a configuration that cannot work is refused', () => {
  test.each([
    ['SESSION_STORE', 'redsi', /one of cookie, file, database, .*memory/],
    ['SESSION_COOKIE_NAME', 'my cookie', /1 to 64 letters/],
    ['SESSION_COOKIE_NAME', 'a;b', /1 to 64 letters/],
    ['SESSION_COOKIE_SECURE', 'yes', /true or false/],
    ['SESSION_COOKIE_SAMESITE', 'loose', /one of lax, strict, none/],
    ['SESSION_COOKIE_SAMESITE', 'none', /SESSION_COOKIE_SECURE=true/],
    ['SESSION_COOKIE_DOMAIN', 'exa mple', /host name/],
    ['SESSION_COOKIE_PATH', 'app', /starts with \//],
    ['SESSION_COOKIE_PATH', '/a;b', /starts with \//],
    ['SESSION_COOKIE_NAME', '__Host-sess', /needs SESSION_COOKIE_SECURE=true/],
    ['SESSION_COOKIE_NAME', '__Secure-sess', /needs SESSION_COOKIE_SECURE=true/],
    ['SESSION_IDLE_SECONDS', '0', /from 1 to/],
    ['SESSION_IDLE_SECONDS', '-1', /from 1 to/],
    ['SESSION_IDLE_SECONDS', '1.5', /whole number/],
    ['SESSION_IDLE_SECONDS', '1e3', /whole number/],
    ['SESSION_IDLE_SECONDS', 'an hour', /whole number/],
    ['SESSION_IDLE_SECONDS', '9999999999', /to 315360000/],
    ['SESSION_ABSOLUTE_SECONDS', '0', /from 1 to/],
    ['SESSION_TOUCH_SECONDS', '-1', /from 0 to/],
    ['SESSION_TOUCH_SECONDS', '3600', /less than SESSION_IDLE_SECONDS/],
    ['SESSION_AVOID_TOUCH', '1', /true or false/],
    ['SESSION_EPOCH', 'yesterday', /ISO 8601/],
    ['SESSION_EPOCH', '2026-01-01T00:00:00', /with its zone/],
    ['SESSION_EPOCH', '2999-01-01T00:00:00Z', /in the future/],
    ['SESSION_COOKIE_NAME', '__Http-sess', /needs SESSION_COOKIE_SECURE=true/],
    ['SESSION_MAX_BYTES', '1023', /from 1024 to 67108864/],
    ['SESSION_MAX_BYTES', '1e6', /whole number of bytes/],
    ['SESSION_MAX_BYTES', '67108865', /from 1024 to 67108864/],
    ['SESSION_STORE_TIMEOUT_MS', '0', /from 50 to 60000/],
    ['SESSION_STORE_TIMEOUT_MS', '1.5', /whole number/],
    ['SESSION_STORE_TIMEOUT_MS', '60001', /from 50 to 60000/],
    ['SESSION_SECRET', 'short', /has 5; each secret must have at least 32/],
    ['SESSION_SECRET', `${TEST_SECRET},short`, /secret 2 of 2, has 5/],
    ['SESSION_SECRET', `${TEST_SECRET},`, /secret 2 of 2, has 0/],
    ['SESSION_ADMIN_TOKEN', 'short', /at least 32/],
    ['SESSION_DEMO_API', 'yes', /must be true or false, for example SESSION_DEMO_API=false/],
    ['SESSION_ADMN_TOKEN', 'x', /nearest is SESSION_ADMIN_TOKEN/],
    ['SESSION_IDLE_SECOND', '60', /nearest is SESSION_IDLE_SECONDS/],
    ['SESSION_AVOIDTOUCH', 'true', /nearest is SESSION_AVOID_TOUCH/],
    ['SESSION_STROE', 'file', /nearest is SESSION_STORE/],
    ['SESSION_STOER', 'file', /nearest is SESSION_STORE/],
    ['SESSION_EPCOH', '2026-01-01T00:00:00Z', /nearest is SESSION_EPOCH/],
    ['SESISON_STORE', 'file', /nearest is SESSION_STORE/],
    ['SESION_IDLE_SECONDS', '60', /nearest is SESSION_IDLE_SECONDS/],
    ['session_store', 'file', /nearest is SESSION_STORE/],
  ])('%s=%s', (name, value, rule) => {
    const problems = problemsOf({ [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(rule)
    expect(problems[0]).toContain(name)
  })

  test.each(['SESSION_COOKIE_AGE', 'SESSION_COOKIE_SECRET', 'SESSION_STORAGE', 'SESSION_SECRET_FILE'])(
    '%s of other software is a warning',
    (name) => {
      const { warnings } = readConfig({ NODE_ENV: 'test', SESSION_SECRET: TEST_SECRET, [name]: 'x' })
      expect(warnings).toContainEqual(expect.stringContaining(name))
    },
  )

  test('a variable of the app is read for it, and passes for no misspelt setting only where the app names it', () => {
    const env = { NODE_ENV: 'test', SESSION_SECRET: TEST_SECRET, SESSION_DEMO_API: 'true' }
    expect(readConfig(env, { appVariables })).toMatchObject({ app: { SESSION_DEMO_API: true }, warnings: [] })
    expect(readConfig(env)).toMatchObject({
      app: {},
      warnings: [expect.stringContaining('SESSION_DEMO_API is not a setting')],
    })
  })

  test.each([
    ['SESSION_COOKIE_DOMAIN', 'example.com'],
    ['SESSION_COOKIE_PATH', '/app'],
    ['SESSION_COOKIE_SECURE', 'false'],
  ])('__Host- with %s=%s, in production too', (name, value) => {
    const problems = problemsOf({ NODE_ENV: 'production', SESSION_COOKIE_NAME: '__Host-mine', [name]: value })
    expect(problems.join()).toContain('__Host-mine')
  })

  test('without a secret, saying how to make one', () => {
    expect(problemsOf({ SESSION_SECRET: '' })).toEqual([
      expect.stringMatching(/set one in \.env\.local.*openssl rand -base64 32/),
    ])
  })

  test.each([
    ['SESSION_SECRET', '12345678'.repeat(4), /^SESSION_SECRET can be guessed/],
    ['SESSION_SECRET', 'complex_password_at_least_32_characters_long', /^SESSION_SECRET can be guessed/],
    ['SESSION_SECRET', `${TEST_SECRET},${'a'.repeat(32)}`, /^SESSION_SECRET, secret 2 of 2, can be guessed/],
    ['SESSION_ADMIN_TOKEN', 'a'.repeat(32), /^SESSION_ADMIN_TOKEN can be guessed/],
    ['SESSION_ADMIN_TOKEN', TEST_SECRET, /^SESSION_ADMIN_TOKEN must not be a secret of SESSION_SECRET/],
    ['SESSION_ADMIN_TOKEN', `Bearer ${TEST_SECRET}`, /^SESSION_ADMIN_TOKEN must not be a secret/],
  ])('with a guessable %s (%s), in production; in development it is a warning', (name, value, problem) => {
    expect(problemsOf({ NODE_ENV: 'production', [name]: value })).toEqual([expect.stringMatching(problem)])
    expect(read({ NODE_ENV: 'development', [name]: value }).warnings).toEqual([
      expect.stringMatching(/A production server does not start with it$/),
    ])
  })

  test('with an admin token that equals an older secret, in production', () => {
    const env = { SESSION_SECRET: `${TEST_SECRET},${OTHER}`, SESSION_ADMIN_TOKEN: OTHER }
    expect(problemsOf({ NODE_ENV: 'production', ...env })).toEqual([expect.stringContaining('must not be')])
    expect(problemsOf({ NODE_ENV: 'production', SESSION_ADMIN_TOKEN: OTHER })).toEqual([])
    expect(
      problemsOf({ NODE_ENV: 'production', SESSION_SECRET: `${TEST_SECRET},`, SESSION_ADMIN_TOKEN: OTHER }),
    ).toHaveLength(1)
  })

  test('with all its problems at once, and without showing a secret', () => {
    const env = {
      SESSION_SECRET: 'hunter2',
      SESSION_ADMIN_TOKEN: 'swordfish',
      SESSION_STORE: 'x',
      SESSION_IDLE_SECONDS: '0',
    }
    const problems = problemsOf(env)
    expect(problems).toHaveLength(4)
    expect(problems.join()).not.toMatch(/hunter2|swordfish/)
  })

  test.each(['SESSION_STORE', 'SESSION_MIGRATE_FROM'])('without the password of a URL in %s', (name) => {
    const problems = problemsOf({ [name]: 'radis://:swordfish@db.example' })
    expect(problems).toEqual([expect.stringMatching(`^${name} must be one of cookie, file, `)])
    expect(problems.join()).not.toContain('swordfish')
  })
})

test.each([
  [{ SESSION_STORE: 'database', DATABASE_ULR: 'postgres://db/app' }, 'DATABASE_URL', 'DATABASE_ULR'],
  [{ SESSION_STORE: 'redis', REDIS_ULR: 'redis://r' }, 'REDIS_URL', 'REDIS_ULR'],
  [{ SESSION_STORE: 'memcached', MEMCACHED_SERVER: 'm' }, 'MEMCACHED_SERVERS', 'MEMCACHED_SERVER'],
  [{ SESSION_MIGRATE_FROM: 'redis', REDIS_URI: 'redis://r' }, 'REDIS_URL', 'REDIS_URI'],
])('%j is one problem that asks whether the variable was meant', (env, name, slip) => {
  expect(problemsOf(env)).toEqual([expect.stringContaining(`${slip} is set; did you mean ${name}?`)])
})

test('a misspelt place of a store that is not used is no problem', () => {
  expect(problemsOf({ DATABASE_ULR: 'x', REDIS_ULR: 'x', SECTION: 'x', PATH: '/bin' })).toEqual([])
})

test('warnings are told beside problems', () => {
  const env = { SESSION_SECRET: TEST_SECRET, SESSION_SERVICE_REGION: 'eu', SESSION_STORE: 'redsi' }
  expect(() => readConfig(env)).toThrow(/1 problem:\n.*redsi.*\nand 1 warning:\n.*SESSION_SERVICE_REGION/)
})

test.each([
  [
    { SESSION_IDLE_SECONDS: '100000' },
    /SESSION_IDLE_SECONDS \(100000\) is longer than SESSION_ABSOLUTE_SECONDS/,
  ],
  [{ SESSION_ABSOLUTE_SECONDS: '60' }, /\(3600\) is longer than SESSION_ABSOLUTE_SECONDS \(60\)/],
  [{ SESSION_COOKIE_DOMAIN: 'com' }, /a single label, "com"/],
  [{ SESSION_COOKIE_DOMAIN: '127.0.0.1' }, /an address, "127.0.0.1"/],
  [{ NODE_ENV: 'production', SESSION_COOKIE_SECURE: 'false' }, /SESSION_COOKIE_SECURE=false in production/],
])('%j is a warning', (env, warning) => {
  expect(read(env).warnings).toEqual([expect.stringMatching(warning)])
})

test.each([
  { SESSION_IDLE_SECONDS: '86400' },
  { SESSION_COOKIE_DOMAIN: 'localhost' },
  { SESSION_COOKIE_DOMAIN: '.example.com' },
])('%j is none', (env) => {
  expect(read(env).warnings).toEqual([])
})

test('a foreign SESSION_ name is a warning, and that of the desktop session nothing', () => {
  const { warnings } = read({
    SESSION_SERVICE_REGION: 'eu',
    SESSION_TOKEN: 'x',
    SESSION_MANAGER: 'local/host:@/tmp',
  })
  expect(warnings).toEqual([
    expect.stringContaining('SESSION_SERVICE_REGION'),
    expect.stringContaining('SESSION_TOKEN'),
  ])
})

test('the memory store is a warning in production and nothing in development', () => {
  expect(read({ SESSION_STORE: 'memory', NODE_ENV: 'production' }).warnings).toEqual([
    expect.stringContaining('memory'),
  ])
  expect(read({ SESSION_STORE: 'memory' }).warnings).toEqual([])
})
