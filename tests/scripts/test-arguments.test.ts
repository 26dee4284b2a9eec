import { describe, expect, test } from 'vitest'
import { CACHE_COMPONENTS_SPECS, MAIN_STORES } from '../../scripts/specs.mjs'
import { STORES } from '../../scripts/stores.mjs'
import { parseArguments } from '../../scripts/test.mjs'

test.each([
  { args: [], unit: [], e2e: [] },
  { args: ['--unit'], unit: [], e2e: undefined },
  { args: ['--e2e'], unit: undefined, e2e: [] },
  { args: ['--unit', '--e2e'], unit: [], e2e: [] },
  { args: ['--e2e', 'touch'], unit: undefined, e2e: ['touch'] },
  { args: ['tests/session.test.ts'], unit: ['tests/session.test.ts'], e2e: undefined },
  { args: ['get.spec.ts'], unit: undefined, e2e: ['get.spec.ts'] },
  { args: ['e2e/get.spec.ts', 'tests/scripts'], unit: ['tests/scripts'], e2e: ['e2e/get.spec.ts'] },
])('npm test -- $args runs unit tests $unit and browser tests $e2e', ({ args, unit, e2e }) => {
  expect(parseArguments(args, {})).toMatchObject({ unit, e2e })
})

test('a name that could be either is refused rather than guessed', () => {
  expect(() => parseArguments(['touch'], {})).toThrow('Say --unit or --e2e')
})

test('an option that does not exist is refused', () => {
  expect(() => parseArguments(['--watch'], {})).toThrow('--watch')
})

test('npm test and npm run test:rest together run each part once, on each store', () => {
  const main = parseArguments([], {})
  const rest = parseArguments(['--rest'], {})
  const all = parseArguments(['--all'], {})
  expect(main).toMatchObject({ unit: [], unitProject: 'sess', stores: MAIN_STORES, env: {}, scripts: false })
  expect(main.cacheComponents).toBeUndefined()
  expect(rest).toMatchObject({ unit: [], unitProject: 'create-sess-app', env: { E2E_SITE: 'alone' } })
  expect(rest).toMatchObject({ cacheComponents: CACHE_COMPONENTS_SPECS, scripts: true })
  expect([...new Set([...main.stores, ...rest.stores])].sort()).toEqual([...STORES].sort())
  expect(all).toMatchObject({ unit: [], unitProject: undefined, e2e: [], stores: STORES, scripts: true })
  expect(all.env).toEqual({ E2E_SITE: 'true' })
})

test('npm run check:cache-components runs the files that are named, or those that the mode can change', () => {
  const run = (...files: string[]) => parseArguments(['--cache-components', ...files], {})
  expect(run()).toMatchObject({ unit: undefined, e2e: undefined, cacheComponents: CACHE_COMPONENTS_SPECS })
  expect(run('e2e/get.spec.ts').cacheComponents).toEqual(['e2e/get.spec.ts'])
})

test('npm run test:long tells the tests that they may take long, and sends 50,000 made-up requests', () => {
  expect(parseArguments(['--long', '--seed', '7'], {})).toMatchObject({
    unit: ['tests/session/processes', 'tests/session/model'],
    e2e: ['e2e/hostile-cookies.spec.ts'],
    stores: MAIN_STORES,
    env: { TEST_LONG: 'true', E2E_HOSTILE_REQUESTS: '50000', E2E_HOSTILE_SEED: '7' },
  })
})

test('how many made-up requests to send, and from which seed, is handed to the browser tests', () => {
  expect(parseArguments(['--requests', '5000', '--seed', '7'], {}).env).toEqual({
    E2E_HOSTILE_REQUESTS: '5000',
    E2E_HOSTILE_SEED: '7',
  })
  expect(parseArguments([], {}).env).toEqual({})
  for (const wrong of ['many', '0', '-1', '1.5', '']) {
    expect(() => parseArguments([`--requests=${wrong}`], {})).toThrow(
      `--requests is ${JSON.stringify(wrong)}`,
    )
  }
})

describe('the browser tests run', () => {
  test.each([
    { args: [], env: {}, stores: MAIN_STORES },
    { args: ['--rest'], env: {}, stores: ['cookie', 'file', 'sqlite', 'postgres', 'memcached'] },
    { args: ['--unit'], env: {}, stores: [] },
    { args: ['--e2e', '--store', 'redis'], env: {}, stores: ['redis'] },
    { args: ['--store', 'redis', '--store', 'file'], env: {}, stores: ['redis', 'file'] },
    { args: ['--store', 'file', 'e2e/touch.spec.ts'], env: {}, stores: ['file'] },
    { args: ['--e2e'], env: { SESSION_STORE: 'file' }, stores: ['file'] },
    { args: ['--e2e', '--store', 'redis'], env: { SESSION_STORE: 'file' }, stores: ['redis'] },
    { args: ['e2e/save.spec.ts'], env: {}, stores: MAIN_STORES },
    { args: ['e2e/get.spec.ts'], env: {}, stores: ['cookie'] },
    { args: ['e2e/file-store.spec.ts'], env: {}, stores: ['file'] },
    { args: ['e2e/cookie-store.spec.ts'], env: {}, stores: ['cookie'] },
    { args: ['e2e/cookie-store.spec.ts', 'e2e/redis-store.spec.ts'], env: {}, stores: ['cookie', 'redis'] },
    { args: ['e2e/configuration.spec.ts'], env: {}, stores: ['cookie'] },
    { args: ['--e2e', 'touch', 'e2e/cookie-store.spec.ts:20'], env: {}, stores: MAIN_STORES },
  ])('with $args and $env on $stores', ({ args, env, stores }) => {
    expect(parseArguments(args, env).stores).toEqual(stores)
  })

  test('on no store that does not exist', () => {
    expect(() => parseArguments(['--store', 'floppy'], {})).toThrow('--store is floppy')
  })

  test('not at all when the files have no test for the store', () => {
    expect(() => parseArguments(['--store', 'redis', 'e2e/cookie-store.spec.ts'], {})).toThrow(
      'no tests for redis',
    )
  })
})
