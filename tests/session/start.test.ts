import { beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => vi.resetModules())

async function findStartProblem(node?: string) {
  return (await import('@/lib/session/start')).findStartProblem(node)
}

test.each(['20.20.2', '22.12.0', '18.0.0'])(
  'Node.js %s is too old, and the message says what is needed',
  async (node) => {
    expect(await findStartProblem(node)).toBe(`Node.js ${node} is too old: sessions need 22.13 or later.`)
  },
)

test.each(['22.13.0', '24.0.0', '26.10.0'])('Node.js %s starts with a good configuration', async (node) => {
  vi.stubEnv('SESSION_SECRET', 'kQ8vZr2nXw5tYb7cLd9fGh3jMp6sRu4e')
  expect(await findStartProblem(node)).toBeUndefined()
})

test('a bad configuration is one text with every problem', async () => {
  vi.stubEnv('SESSION_SECRET', '')
  vi.stubEnv('SESSION_STORE', 'redsi')
  expect(await findStartProblem()).toMatch(
    /2 problems:\n {2}- SESSION_STORE is "redsi".*\n {2}- SESSION_SECRET is missing/,
  )
})

test('a foreign variable is a warning on the console', async () => {
  vi.stubEnv('SESSION_SECRET', 'kQ8vZr2nXw5tYb7cLd9fGh3jMp6sRu4e')
  vi.stubEnv('SESSION_SERVICE_REGION', 'eu')
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  expect(await findStartProblem()).toBeUndefined()
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('SESSION_SERVICE_REGION'))
})

test('the start begins to sweep a store that needs it, and never one that does not', async () => {
  vi.stubEnv('SESSION_SECRET', 'kQ8vZr2nXw5tYb7cLd9fGh3jMp6sRu4e')
  const started = vi.spyOn(globalThis, 'setInterval')
  for (const [store, timers] of [
    ['cookie', 0],
    ['memory', 1],
  ] as const) {
    vi.resetModules()
    vi.stubEnv('SESSION_STORE', store)
    await (await import('@/lib/session/start')).startStore()
    expect(started).toHaveBeenCalledTimes(timers)
  }
  for (const { value } of started.mock.results) clearInterval(value)
})

test('a directory that cannot be written stops the start, and is named', async () => {
  vi.stubEnv('SESSION_SECRET', 'kQ8vZr2nXw5tYb7cLd9fGh3jMp6sRu4e')
  vi.stubEnv('SESSION_STORE', 'file')
  vi.stubEnv('SESSION_FILE_DIR', 'package.json/sessions')
  expect(await findStartProblem()).toMatch(
    /SESSION_FILE_DIR is "package.json\/sessions"; it cannot be made or written/,
  )
})
