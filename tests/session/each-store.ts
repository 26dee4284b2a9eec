import { beforeEach, describe, vi } from 'vitest'
import { createCookieStore } from '@/lib/session/stores/cookie'
import { createMemoryStore, type MemoryEntry } from '@/lib/session/stores/memory'
import { createTestSite, type TestSite, type TestSiteOptions } from '@/lib/session/testing/test-site'

/** `entries`: what two sites on one memory store share. */
type SiteOptions = Omit<TestSiteOptions, 'store'> & { entries?: Map<string, MemoryEntry> }
type OpenSite = (options?: SiteOptions) => TestSite

export const cookieSite: OpenSite = (options) => createTestSite({ ...options, store: createCookieStore })
export const memorySite: OpenSite = (options) =>
  createTestSite({
    ...options,
    store: ({ records, now }) => createMemoryStore({ entries: options?.entries ?? new Map(), records, now }),
  })

// Timers stand still, so that no deadline of the library passes because a machine is slow.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
})

/** The same behaviour on a store in the cookie and on one on the server. */
export function describeEachStore(title: string, tests: (openSite: OpenSite) => void): void {
  describe(`${title}, cookie store`, () => tests(cookieSite))
  describe(`${title}, memory store`, () => tests(memorySite))
}
