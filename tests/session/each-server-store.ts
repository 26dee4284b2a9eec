import { describe } from 'vitest'
import type { SessionStore } from '@/lib/session/core/store'
import { createMemoryStore } from '@/lib/session/stores/memory'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords } from '@/lib/session/testing/test-records'
import { createTestSite, type TestSite, type TestSiteOptions } from '@/lib/session/testing/test-site'
import { backendNames, newBackend, openTestStore } from './backends'

/** `beside`: a site whose backend this one shares, as another server of the same app does. */
type SiteOptions = Omit<TestSiteOptions, 'store'> & { readonly beside?: TestSite }

/** A site on a new backend, which is gone after the test. */
export type OpenSite = (options?: SiteOptions) => Promise<TestSite>

/** The same behaviour on every store that keeps sessions on the server, each on the real thing. */
export function describeEachServerStore(
  title: string,
  tests: (openSite: OpenSite, store: string) => void,
): void {
  describe.each(['memory', ...backendNames])(`${title}, %s store`, (name) => {
    const openers = new WeakMap<TestSite, OpenStore>()
    tests(async ({ beside, ...options } = {}) => {
      const openStore = (beside && openers.get(beside)) ?? (await newOpener(name))
      const clock = options.clock ?? createFakeClock()
      const store = await openStore(clock.now)
      const site = createTestSite({ touchDeadlineMs: 10_000, ...options, clock, store: () => store })
      openers.set(site, openStore)
      return site
    }, name)
  })
}

type OpenStore = (now: () => number) => Promise<SessionStore>

async function newOpener(name: string): Promise<OpenStore> {
  if (name === 'memory') {
    const entries = new Map()
    return async (now) => createMemoryStore({ entries, records: createTestRecords(now), now })
  }
  const backend = await newBackend(name)
  return (now) => openTestStore(backend, now)
}
