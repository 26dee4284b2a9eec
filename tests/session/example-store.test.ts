import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { storeContract } from '@/lib/session/testing/store-contract'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { createExampleStore } from './example-store'

describe('the store that docs/stores/adding-a-store.md shows', () => {
  for (const { title, run } of storeContract({ adopt: false, backend: false })) {
    test(title, async () => {
      const clock = createFakeClock()
      const records = createTestRecords(clock.now)
      await run({ store: createExampleStore({ client: new Map(), records, now: clock.now }), clock })
    })
  }

  test('is the one that is tested here', () => {
    const page = readFileSync('docs/stores/adding-a-store.md', 'utf8')
    const code = readFileSync('tests/session/example-store.ts', 'utf8').trimEnd()
    const inItsFolder = code
      .replaceAll("'@/lib/session/stores/", "'../")
      .replaceAll("'@/lib/session/", "'../../")
    expect(page).toContain(inItsFolder)
  })
})
