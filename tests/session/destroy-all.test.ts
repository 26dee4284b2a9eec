import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { SessionStore } from '@/lib/session/core/store'
import { decodeValue } from '@/lib/session/core/values'
import { createMigratingStore } from '@/lib/session/stores/migrating'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestSite, type TestSite } from '@/lib/session/testing/test-site'
import { newBackend, openTestStore } from './backends'
import { describeEachServerStore } from './each-server-store'

const CLIENTS = 8
/** So that a look at all sessions takes a while: several batches, or many files. */
const OTHERS: Readonly<Record<string, number>> = { redis: 4000, postgres: 1600, file: 600, sqlite: 600 }

/**
 * Clients without end: each saves, regenerates and is visited in turn, and begins anew when its session has ended. What
 * was begun before everyone's sessions were ended says so in its data, under whatever token it has come to live.
 */
class Crowd {
  #generation = 'before'
  #isOver = false
  readonly #tokens = new Set<string>()
  readonly #loops: Promise<void>[]
  readonly sites: readonly TestSite[]

  constructor(sites: readonly TestSite[]) {
    this.sites = sites
    this.#loops = Array.from({ length: CLIENTS }, (_, n) =>
      this.#loop(sites[n % sites.length] as TestSite, n),
    )
  }

  async #loop(site: TestSite, n: number): Promise<void> {
    const browser = new TestBrowser()
    for (let step = n; !this.#isOver; step++) {
      const session = await site.open(browser)
      if (session.isNew) await session.set('begun', this.#generation).save()
      else if (step % 4 === 0) await session.set('step', step).save()
      else if (step % 4 === 1) await site.visit(browser)
      else await session.regenerate()
      const token = browser.cookies.get('sess')
      if (token !== undefined) this.#tokens.add(token)
      await turn()
    }
  }

  async tokens(count: number): Promise<void> {
    const enough = this.#tokens.size + count
    while (this.#tokens.size < enough) await turn()
  }

  /** From now on what begins may live. */
  called(): void {
    this.#generation = 'after'
  }

  /** The sessions that were begun before and open all the same. */
  async survivors(store: SessionStore): Promise<number> {
    this.#isOver = true
    await Promise.all(this.#loops)
    let survivors = 0
    for (const token of this.#tokens) {
      const found = await store.load(token)
      if (!('refused' in found) && decodeValue(found.record.data.get('begun') ?? '') === 'before') survivors++
    }
    return survivors
  }
}

async function fill(store: SessionStore, now: number): Promise<void> {
  const others = OTHERS[store.name] ?? 0
  const record = { createdAt: now, savedAt: now, avoidTouch: false, data: new Map() }
  for (let n = 0; n < others; n += 100)
    await Promise.all(Array.from({ length: 100 }, () => store.create(record, now + 3_600_000)))
}

describeEachServerStore("when everyone's sessions are ended", (openSite) => {
  test('none survives that began before, while clients save, regenerate, visit and come', async () => {
    const one = await openSite()
    const sites = [one, await openSite({ beside: one, clock: one.clock })]
    await fill(one.store, one.clock.now())
    for (let round = 0; round < 2; round++) {
      const crowd = new Crowd(sites)
      await crowd.tokens(2 * CLIENTS)
      crowd.called()
      await one.store.destroyAll()
      await crowd.tokens(2 * CLIENTS)
      expect(await crowd.survivors(one.store)).toBe(0)
    }
  })
})

describe.each([
  ['redis', 'sqlite'],
  ['sqlite', 'redis'],
  ['postgres', 'redis'],
])("when everyone's sessions are ended during a move from %s to %s", (from, to) => {
  test('none survives that began before', async () => {
    const clock = createFakeClock()
    const open = async (name: string) => openTestStore(await newBackend(name), clock.now)
    const [oldStore, newStore] = [await open(from), await open(to)]
    const moving = createMigratingStore({ to: newStore, from: oldStore })
    const siteOn = (store: SessionStore) => createTestSite({ clock, store: () => store })
    await fill(oldStore, clock.now())
    // Half of the clients begin on a server that does not know of the move, and so move all the time.
    const crowd = new Crowd([siteOn(oldStore), siteOn(moving)])
    await crowd.tokens(2 * CLIENTS)
    crowd.called()
    await moving.destroyAll()
    await crowd.tokens(2 * CLIENTS)
    expect(await crowd.survivors(moving)).toBe(0)
  })
})
