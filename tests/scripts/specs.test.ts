import { readdirSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CACHE_COMPONENTS_SPECS, onlyStoreOf, specsOf } from '../../scripts/specs.mjs'
import { STORES } from '../../scripts/stores.mjs'

const SPECS = readdirSync('e2e').filter((name) => name.endsWith('.spec.ts'))

/** The stores that a spec runs on. */
function storesOf(spec: string, env: Record<string, string> = {}): string[] {
  return STORES.filter((store) => {
    const { testMatch, testIgnore } = specsOf(store, env)
    const isIn = (globs: string | string[]) => [globs].flat().some((glob) => matchesGlob(`e2e/${spec}`, glob))
    return isIn(testMatch) && !isIn(testIgnore)
  })
}

describe('a spec', () => {
  test.each([
    ['touch.spec.ts', ['cookie', 'redis']],
    ['a-new-one.spec.ts', ['cookie', 'redis']],
    ['configuration.spec.ts', ['cookie']],
    ['theme.spec.ts', []],
    ['save.spec.ts', STORES],
    ['redis-store.spec.ts', ['redis']],
    ['file-store.spec.ts', ['file']],
    ['late-writes.spec.ts', []],
  ])('%s runs on %j', (spec, stores) => {
    expect(storesOf(spec)).toEqual(stores)
  })

  test('of the site runs in test:rest, where the cookie store has no other', () => {
    expect(storesOf('theme.spec.ts', { E2E_SITE: 'alone' })).toEqual(['cookie'])
    expect(storesOf('touch.spec.ts', { E2E_SITE: 'alone' })).not.toContain('cookie')
    expect(storesOf('theme.spec.ts', { E2E_SITE: 'true' })).toEqual(['cookie'])
    expect(storesOf('touch.spec.ts', { E2E_SITE: 'true' })).toEqual(['cookie', 'redis'])
  })

  test('that is named runs on any store, but for those of another store', () => {
    expect(storesOf('touch.spec.ts', { E2E_NAMED_SPECS: 'true' })).toEqual(STORES)
    expect(storesOf('file-store.spec.ts', { E2E_NAMED_SPECS: 'true' })).toEqual(['file'])
  })

  test('runs on one store at least, those for copies of the app there', () => {
    for (const spec of SPECS) expect(storesOf(spec, { E2E_APP_DIR: 'copy' }), spec).not.toEqual([])
  })

  test('about one store is known by its name', () => {
    expect(onlyStoreOf('e2e/redis-store.spec.ts:12')).toBe('redis')
    expect(onlyStoreOf('e2e/configuration.spec.ts')).toBe('cookie')
    expect(onlyStoreOf('e2e/touch.spec.ts')).toBeUndefined()
  })

  test('of Cache Components exists, and runs on the cookie store', () => {
    for (const path of CACHE_COMPONENTS_SPECS) {
      const spec = path.replace('e2e/', '')
      expect(SPECS).toContain(spec)
      expect(storesOf(spec, { E2E_APP_DIR: 'copy' })).toContain('cookie')
    }
  })
})
