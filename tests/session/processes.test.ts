import { describe, expect, test, vi } from 'vitest'
import type { SessionStore } from '@/lib/session/core/store'
import { decodeValue } from '@/lib/session/core/values'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestSite } from '@/lib/session/testing/test-site'
import { backendNames, newBackend, openTestStore } from './backends'
import { linesOf, runProcess, startProcess } from './processes'

vi.setConfig({ testTimeout: 300_000 })

/** Each is 200 additions. Two show what ten show; `npm run test:long` does ten. */
const ROUNDS = process.env.TEST_LONG ? 10 : 2

async function open(name: string) {
  const backend = await newBackend(name)
  const clock = createFakeClock()
  const store = await openTestStore(backend, clock.now)
  const site = createTestSite({ store: () => store, clock })
  const browser = new TestBrowser()
  await (await site.open(browser)).set('n', 0).save()
  const token = browser.cookies.get('sess') ?? ''
  return { env: backend.env, nowMs: clock.now(), store, site, browser, token }
}

async function dataOf(store: SessionStore, token: string): Promise<Record<string, unknown>> {
  const found = await store.load(token)
  if ('refused' in found) throw new Error(`refused: ${found.refused}`)
  return Object.fromEntries([...found.record.data].map(([key, text]) => [key, decodeValue(text)]))
}

describe.each(backendNames)('two processes on one %s store', (name) => {
  test('that add to one number in eight requests at once lose no addition', async () => {
    const { env, nowMs, store, token } = await open(name)
    for (let round = 1; round <= ROUNDS; round++) {
      const results = await Promise.all([1, 2].map(() => runProcess(env, { job: 'count', token, nowMs })))
      expect(JSON.stringify(results)).toBe('[{},{}]') // on one line, so that a failure names its error
      expect(await dataOf(store, token)).toEqual({ n: 200 * round })
    }
  })

  test('see each other’s saves', async () => {
    const { env, nowMs, site, browser, token } = await open(name)
    await runProcess(env, { job: 'save', token, nowMs })
    const session = await site.open(browser)
    expect(session.get('after')).toBe(-1)
    await session.set('n', 5).save()
    const { result } = await runProcess(env, { job: 'create', nowMs })
    browser.cookies.set('sess', String(result))
    expect((await site.open(browser)).get('before')).toBe(0)
  })

  test('lose nothing when one is killed while it writes', async () => {
    const { env, nowMs, store, site, browser, token } = await open(name)
    for (const saves of [1, 3, 7]) {
      const child = startProcess(env, { job: 'write', token, nowMs })
      let written = 0
      for await (const line of linesOf(child)) {
        written = Number(line)
        if (written >= saves) child.kill('SIGKILL')
      }
      const { before, filler, after } = await dataOf(store, token)
      expect(before).toBe(after)
      expect(before).toBeGreaterThanOrEqual(written)
      expect(filler).toHaveLength(300_000)
      expect(await (await site.open(browser)).set('after the kill', saves).save()).toBe('saved')
    }
  })
})

test('a process whose disk is full says so, and leaves the record of a SQLite store as it was', async () => {
  const { env, nowMs, store, token } = await open('sqlite')
  const answer = await runProcess(env, { job: 'save', token, nowMs }, 100)
  expect(answer).toMatchObject({
    name: 'SessionStoreError',
    code: expect.stringMatching(/^SQLITE_(?:FULL|IOERR)/),
  })
  expect(await dataOf(store, token)).toEqual({ n: 0 })
  expect(await runProcess(env, { job: 'save', token, nowMs })).toEqual({})
  expect(await dataOf(store, token)).toMatchObject({ after: -1 })
})
