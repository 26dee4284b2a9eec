import { expect, test } from './fixtures'
import { type Server, ServerStartError, startServer } from './server'
import type { Environment } from './server-environment'

/** What the server printed before it gave up. A server that starts after all is stopped, and the test fails. */
async function refusal(env: Environment): Promise<string[]> {
  const outcome: Server | unknown = await startServer(env).catch((error: unknown) => error)
  if (outcome instanceof ServerStartError) {
    expect(outcome.exitCode).toBe(1)
    return outcome.output
  }
  await (outcome as Server).stop()
  throw new Error(`The server started with ${JSON.stringify(env)}`)
}

/** One rule of a setting, and what only the start can find out. The other rules: tests/session/config.test.ts. */
const REFUSED: [what: string, env: Environment, named: string][] = [
  ['no secret', { SESSION_SECRET: '' }, 'SESSION_SECRET'],
  [
    'a database file that cannot be made',
    { SESSION_STORE: 'database', DATABASE_URL: 'file:./package.json/sessions.db' },
    './package.json/sessions.db',
  ],
  [
    'a directory that cannot be made',
    { SESSION_STORE: 'file', SESSION_FILE_DIR: './package.json/sessions' },
    'SESSION_FILE_DIR',
  ],
  [
    'an old store whose directory cannot be made',
    { SESSION_MIGRATE_FROM: 'file', SESSION_FILE_DIR: './package.json/sessions' },
    'SESSION_FILE_DIR',
  ],
]

for (const [what, env, named] of REFUSED) {
  test(`the server does not start with ${what}, and names it`, async () => {
    const output = await refusal(env)

    expect(output.filter((line) => line.trim().startsWith('- ') && line.includes(named))).toHaveLength(1)
  })
}

test('every problem is on one list, printed once', async () => {
  const output = await refusal({
    SESSION_SECRET: 'short',
    SESSION_STORE: 'floppy',
    SESSION_IDLE_SECONDS: '0',
    SESSION_COOKIE_SAMESITE: 'some',
  })

  for (const variable of [
    'SESSION_SECRET',
    'SESSION_STORE',
    'SESSION_IDLE_SECONDS',
    'SESSION_COOKIE_SAMESITE',
  ]) {
    expect(output.filter((line) => line.includes(variable))).toHaveLength(1)
  }
  expect(output.filter((line) => line.includes('4 problems'))).toHaveLength(1)
})

test('a secret that is refused is not printed', async () => {
  const output = await refusal({ SESSION_SECRET: 'my-very-own-short-secret' })

  expect(output.join('\n')).not.toContain('my-very-own')
})

test('a password in a URL that is refused is not printed', async () => {
  const url = 'mysql://app:my-very-own@host/name'
  const output = await refusal({
    SESSION_STORE: 'database',
    DATABASE_URL: url,
    SESSION_MIGRATE_FROM: url,
  })

  expect(output.join('\n')).not.toContain('my-very-own')
})

test('a name that is far from any setting is a warning, and the server starts', async ({ startAnother }) => {
  const server = await startAnother({ SESSION_REPLAY_VENDOR_KEY: 'x' })

  await expect
    .poll(() => server.logs().filter((line) => line.includes('SESSION_REPLAY_VENDOR_KEY')))
    .toHaveLength(1)
})

for (const NODE_ENV of ['development', 'staging']) {
  test(`a production build is as strict when the server has NODE_ENV=${NODE_ENV}`, async () => {
    const strict = { NODE_ENV, SESSION_DEMO_API: '', SESSION_TRACE: '' }
    const output = await refusal({ ...strict, SESSION_SECRET: '12345678'.repeat(4) })
    expect(output.join('\n')).toContain('SESSION_SECRET')

    const server = await startServer({ ...strict, SESSION_SAVE_UNINITIALIZED: 'true' })
    try {
      const visit = await fetch(`${server.url}/_no_such_page`)
      expect(visit.headers.getSetCookie().map((line) => line.split('=')[0])).toEqual([
        '__Host-sess',
        '__Host-sess_touch',
      ])
      expect(visit.headers.get('set-cookie')).toContain('Secure')
      expect((await fetch(`${server.url}/api/session`)).status).toBe(404)
      expect((await fetch(`${server.url}/api/session?scope=all`, { method: 'DELETE' })).status).toBe(404)
      expect(await (await fetch(`${server.url}/sessions`)).text()).toContain('There is no such page')
    } finally {
      await server.stop()
    }

    const withApi = await startServer({ ...strict, SESSION_DEMO_API: 'true' })
    try {
      expect((await fetch(`${withApi.url}/api/session?scope=all`, { method: 'DELETE' })).status).toBe(403)
    } finally {
      await withApi.stop()
    }
  })
}
