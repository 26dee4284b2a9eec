import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Session } from '@/lib/session/core/session'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import type { TestSite } from '@/lib/session/testing/test-site'
import { describeEachServerStore } from './each-server-store'

/**
 * Any schedule of requests, compared with a small model of what sessions are. Two browsers, up to three requests at
 * once of each; every step is one call on one request's session, so they overlap in every way.
 */

vi.setConfig({ testTimeout: process.env.TEST_LONG ? 1_200_000 : 120_000 })

const IDLE_MS = 10_000
const ABSOLUTE_MS = 30_000

type Value = number | string
type Data = Map<string, Value>

type Step =
  | { readonly do: 'open' | 'save' | 'touch' | 'regenerate' | 'destroy' | 'clear'; readonly request: number }
  | {
      readonly do: 'set' | 'delete' | 'increment'
      readonly request: number
      readonly key: string
      readonly value: string
    }
  | { readonly do: 'visit'; readonly browser: number }
  | { readonly do: 'wait'; readonly ms: number }

const request = fc.nat({ max: 3 })
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('open', 'open', 'save', 'save', 'save', 'touch', 'clear'),
        request,
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('regenerate', 'destroy'), request }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom('set', 'increment', 'increment', 'delete'),
        request,
        key: fc.constantFrom('a', 'b'),
        value: fc.constantFrom('x', 'y'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('visit'), browser: fc.nat({ max: 1 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1, 1000, 3000, 9999, 10_000) }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 20, maxLength: 60, size: 'max' },
)

/** Two requests of a browser that has a session, so that what follows overlaps. */
const BEGINNING: Step[] = [
  { do: 'open', request: 0 },
  { do: 'increment', request: 0, key: 'a', value: '' },
  { do: 'save', request: 0 },
  { do: 'open', request: 2 },
  { do: 'open', request: 1 },
]

/** What the server should hold of one session. */
class ModelSession {
  isDestroyed = false
  expiresAt = 0
  readonly createdAt: number
  data: Data

  constructor(createdAt: number, data: Data, now: number) {
    this.createdAt = createdAt
    this.data = data
    this.seen(now)
  }

  seen(now: number): void {
    this.expiresAt = Math.min(now + IDLE_MS, this.createdAt + ABSOLUTE_MS)
  }

  lives(now: number): boolean {
    return !this.isDestroyed && now < this.expiresAt
  }
}

/** What one request should see, and what it has changed. */
class ModelRequest {
  base: Data
  view: Data
  isCleared = false
  /** How often a key was incremented and nothing else. */
  readonly increments = new Map<string, number>()
  readonly replaced = new Set<string>()
  session: ModelSession | undefined
  readonly browser: number
  /** Whether the browser sent a session cookie with it, a dead one included. */
  readonly hadCookie: boolean

  constructor(session: ModelSession | undefined, browser: number, hadCookie: boolean) {
    this.session = session
    this.browser = browser
    this.hadCookie = hadCookie
    this.base = new Map(session?.data)
    this.view = new Map(session?.data)
  }

  from(key: string): Value | undefined {
    return this.isCleared ? undefined : this.base.get(key)
  }

  increment(key: string): void {
    const before = this.increments.get(key) ?? 0
    const isReplayable = !this.isCleared && (before > 0 || this.view.get(key) === this.base.get(key))
    this.view.set(key, incremented(this.view.get(key)))
    if (isReplayable && !this.replaced.has(key)) this.increments.set(key, before + 1)
    else this.replace(key)
  }

  replace(key: string): void {
    this.replaced.add(key)
    this.increments.delete(key)
  }

  get changedKeys(): string[] {
    const keys = new Set([...this.base.keys(), ...this.view.keys()])
    return [...keys].filter((key) => this.view.get(key) !== this.from(key))
  }

  get isDirty(): boolean {
    return (
      this.changedKeys.some((key) => this.view.has(key) || this.from(key) !== undefined) ||
      (this.isCleared && this.base.size > 0)
    )
  }

  /** The data of the session after this request's save. */
  applied(fresh: Data): Data {
    const merged: Data = new Map(this.isCleared ? [] : fresh)
    for (const key of this.changedKeys) {
      const value = this.view.get(key)
      let counted = fresh.get(key)
      if (value === undefined) merged.delete(key)
      else if (this.increments.has(key) && fresh.get(key) !== this.from(key)) {
        for (let i = 0; i < (this.increments.get(key) ?? 0); i++) counted = incremented(counted)
        merged.set(key, counted as Value)
      } else merged.set(key, value)
    }
    return merged
  }

  saved(session: ModelSession): void {
    this.session = session
    this.base = new Map(session.data)
    this.view = new Map(session.data)
    this.isCleared = false
    this.increments.clear()
    this.replaced.clear()
  }
}

const incremented = (value: unknown): number => (typeof value === 'number' ? value + 1 : 1)

class Run {
  readonly browsers = [new TestBrowser(), new TestBrowser()]
  readonly cookies: (ModelSession | undefined)[] = [undefined, undefined]
  readonly requests = new Map<number, { real: Session<Record<string, unknown>>; model: ModelRequest }>()

  readonly site: TestSite

  constructor(site: TestSite) {
    this.site = site
  }

  async step(step: Step): Promise<void> {
    const now = this.site.clock.now()
    if (step.do === 'wait') return this.site.clock.advance({ ms: step.ms })
    if (step.do === 'visit') {
      const session = this.cookies[step.browser]
      if (session?.lives(now)) session.seen(now)
      return this.site.visit(this.browsers[step.browser] as TestBrowser)
    }
    if (step.do === 'open') return this.open(step.request)
    const found = this.requests.get(step.request)
    if (!found) return
    const { real, model } = found
    switch (step.do) {
      case 'set':
        real.set(step.key, step.value)
        model.view.set(step.key, step.value)
        model.replace(step.key)
        break
      case 'delete':
        real.delete(step.key)
        if (model.view.has(step.key) || model.base.has(step.key)) {
          model.view.delete(step.key)
          model.replace(step.key)
        }
        break
      case 'increment':
        real.update(step.key, incremented)
        model.increment(step.key)
        break
      case 'clear':
        real.clear()
        model.view.clear()
        model.increments.clear()
        model.replaced.clear()
        model.isCleared = true
        break
      case 'save':
        expect(await real.save()).toBe(this.save(model, now))
        break
      case 'regenerate':
        expect(await real.regenerate()).toBe(this.regenerate(model, now))
        break
      case 'touch': {
        const lives = model.session === undefined || model.session.lives(now)
        if (lives) model.session?.seen(now)
        expect(await real.touch()).toBe(lives ? 'touched' : 'ended')
        break
      }
      case 'destroy':
        await real.destroy()
        if (model.session) model.session.isDestroyed = true
        if (model.session || model.hadCookie) this.cookies[model.browser] = undefined
        this.requests.set(step.request, {
          real,
          model: new ModelRequest(undefined, model.browser, model.hadCookie),
        })
        break
    }
    const expected = this.requests.get(step.request)?.model as ModelRequest
    expect(real.toObject()).toEqual(Object.fromEntries(expected.view))
    expect(real.isDirty).toBe(expected.isDirty)
  }

  async open(slot: number): Promise<void> {
    const browser = slot % 2
    const cookie = this.cookies[browser]
    const session = cookie?.lives(this.site.clock.now()) ? cookie : undefined
    const real = await this.site.open(this.browsers[browser] as TestBrowser)
    expect(real.isNew).toBe(session === undefined)
    expect(real.toObject()).toEqual(Object.fromEntries(session?.data ?? []))
    if (session) expect(real.expiresAt?.getTime()).toBe(session.expiresAt)
    this.requests.set(slot, { real, model: new ModelRequest(session, browser, cookie !== undefined) })
  }

  save(model: ModelRequest, now: number): 'saved' | 'ended' {
    const { session } = model
    if (!session) return this.create(model, now)
    if (!session.lives(now)) return 'ended'
    session.seen(now)
    if (!model.isDirty) return 'saved'
    session.data = model.applied(session.data)
    model.saved(session)
    this.cookies[model.browser] = session
    return 'saved'
  }

  regenerate(model: ModelRequest, now: number): 'saved' | 'ended' {
    const { session } = model
    if (!session) return this.create(model, now)
    if (!session.lives(now)) return 'ended'
    session.isDestroyed = true
    const moved = new ModelSession(session.createdAt, model.applied(session.data), now)
    model.saved(moved)
    this.cookies[model.browser] = moved
    return 'saved'
  }

  create(model: ModelRequest, now: number): 'saved' {
    const session = new ModelSession(now, model.applied(new Map()), now)
    model.saved(session)
    this.cookies[model.browser] = session
    return 'saved'
  }
}

describeEachServerStore('any schedule of requests', (openSite, store) => {
  test('does what the model of a session says', async () => {
    const clock = createFakeClock()
    const site = await openSite({ clock, limits: { idleMs: IDLE_MS, absoluteMs: ABSOLUTE_MS, touchMs: 0 } })
    await fc.assert(
      fc.asyncProperty(steps, async (schedule) => {
        const run = new Run(site)
        for (const step of BEGINNING) await run.step(step)
        for (const step of schedule) await run.step(step)
        for (const slot of [0, 1]) await run.open(slot)
      }),
      { numRuns: (store === 'memory' ? 500 : 50) * (process.env.TEST_LONG ? 10 : 1) },
    )
  })
})
