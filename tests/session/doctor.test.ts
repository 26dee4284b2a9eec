import { describe, expect, test } from 'vitest'
import { readConfig } from '@/lib/session/config/config'
import type { SessionStore } from '@/lib/session/core/store'
import { runDoctor } from '@/lib/session/ops/doctor'
import { createRedactor } from '@/lib/session/ops/redact'
import { inWords, profileMet } from '@/lib/session/ops/timeout-profile'
import type { Finding } from '@/lib/session/stores/abilities'
import { canList } from '@/lib/session/stores/abilities'
import { SessionStoreError } from '@/lib/session/stores/errors'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { redactUrl } from '@/lib/session/stores/url'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { TEST_SECRET } from '@/lib/session/testing/test-site'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

describe('the time-out profile', () => {
  test.each([
    ['AAL3', 15 * MINUTE_MS, 12 * HOUR_MS],
    ['AAL2', 15 * MINUTE_MS + 1, 12 * HOUR_MS],
    ['AAL2', HOUR_MS, DAY_MS],
    ['AAL1', HOUR_MS + 1, DAY_MS],
    ['AAL1', DAY_MS, 30 * DAY_MS],
    [undefined, 15 * MINUTE_MS, 30 * DAY_MS + 1],
    ['AAL3', HOUR_MS, 10 * MINUTE_MS], // it ends before it can be idle longer
  ])('%s is met by idle %i ms and absolute %i ms', (level, idleMs, absoluteMs) => {
    expect(profileMet({ idleMs, absoluteMs })?.level).toBe(level)
  })
})

test.each([
  [0, '0 seconds'],
  [250, '250 ms'],
  [1000, '1 second'],
  [90 * MINUTE_MS, '1 hour 30 minutes'],
  [DAY_MS, '24 hours'],
  [30 * DAY_MS, '30 days'],
])('%i milliseconds in words are %s', (ms, words) => {
  expect(inWords(ms)).toBe(words)
})

test.each([
  ['postgres://app:pa%40ss@db:5432/x?sslmode=require', 'postgres://app:***@db:5432/x?sslmode=require'],
  ['postgres://app@db/x?password=hunter22', 'postgres://app@db/x?password=***'],
  ['postgres://app:hunter22@/x?host=/run/pg', 'postgres://app:***@/x?host=/run/pg'],
  ['postgres://app:h@/unter22@db/x', '***'],
  ['socket:/run/pg?db=x&user=a&password=hunter22', 'socket:/run/pg?db=x&user=***&password=***'],
  ['redis://hunter22@cache:6379', 'redis://***@cache:6379'],
  ['redis://:hunter22@cache:6379/2', 'redis://:***@cache:6379/2'],
  ['redis://localhost:6379', 'redis://localhost:6379'],
])('the URL %s is shown as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown)
})

test('what others write is shown without secrets and passwords', () => {
  const redact = createRedactor({ SESSION_SECRET: 'first-secret, first-secret-longer' })
  expect(redact('x first-secret-longer first-secret')).toBe('x *** ***')
  expect(redact('cannot reach postgres://app:p@ss@db/x?password=y')).toBe(
    'cannot reach postgres://app:***@db/x?password=***',
  )
  expect(redact('cannot reach redis://s3cret@cache:6379')).toBe('cannot reach redis://***@cache:6379')
})

function inspect(change: (store: SessionStore) => Partial<SessionStore>, env = {}) {
  const { now } = createFakeClock()
  const store = createMemoryStore({ entries: new Map(), records: createTestRecords(now), now })
  const appVariables = { SESSION_ADMIN_TOKEN: 'secret' } as const
  const config = readConfig(
    { NODE_ENV: 'test', SESSION_SECRET: TEST_SECRET, SESSION_STORE: 'memory', ...env },
    { appVariables },
  )
  return runDoctor({
    config,
    store: { ...store, ...change(store) },
    now,
    sourceOf: () => undefined,
    appVariables,
  })
}

describe('the doctor', () => {
  test('tries a throw-away session and leaves none behind', async () => {
    let live: number | undefined
    const report = await inspect((store) => ({
      destroy: async (token) => {
        const answer = await store.destroy(token)
        live = canList(store) ? (await store.count()).live : undefined
        return answer
      },
    }))
    expect(report.problems).toBe(0)
    expect(report.roundTrip).toBeDefined()
    expect(live).toBe(0)
  })

  test('reports a store that fails, with the reason', async () => {
    const cause = new Error('connection refused')
    const report = await inspect(() => ({
      load: () => Promise.reject(new SessionStoreError('memory', 'load a session', { cause })),
    }))
    expect(report).toMatchObject({ problems: 1, roundTrip: undefined })
    expect(report.storeFindings.at(-1)?.text).toContain('connection refused')
  })

  test('reports a store that forgets, one that cannot touch and one that cannot destroy', async () => {
    const forgetful = await inspect(() => ({ load: async () => ({ refused: 'unknown' }) }))
    const untouchable = await inspect(() => ({ touch: async () => false }))
    const undying = await inspect(() => ({ destroy: async () => 'ok' }))
    const texts = [forgetful, untouchable, undying].map(({ storeFindings }) => storeFindings.at(-1)?.text)
    expect(texts).toEqual([
      'A session that was just made could not be read: unknown.',
      'A session that was just made could not be touched.',
      'A session that was destroyed can still be read.',
    ])
  })

  test('writes nothing to a store that has a problem', async () => {
    const problem: Finding = { level: 'problem', text: 'The table is missing.' }
    const report = await inspect(() => ({
      inspect: async () => [problem],
      create: () => Promise.reject(new Error('asked to write')),
    }))
    expect(report).toMatchObject({ problems: 1, roundTrip: undefined, storeFindings: [problem] })
  })

  test('shows no secret and no password of any variable', async () => {
    const report = await inspect(() => ({}), {
      SESSION_STORE: 'memory',
      SESSION_SECRET: `${TEST_SECRET},an-older-secret-of-this-test-1234567890`,
      SESSION_ADMIN_TOKEN: 'a-token-of-this-test-0123456789-abcdef',
      SESSION_MIGRATE_FROM: 'redis://default:hunter22@cache:6379',
      DATABASE_URL: 'postgres://me:hunter22@db/x',
    })
    const text = JSON.stringify(report)
    for (const secret of [TEST_SECRET, 'an-older-secret', 'a-token-of-this-test', 'hunter22'])
      expect(text).not.toContain(secret)
    expect(text).toContain('redis://default:***@cache:6379')
    expect(report.settings.at(-1)).toMatchObject({ name: 'SESSION_ADMIN_TOKEN', value: 'set, 38 characters' })
  })
})
