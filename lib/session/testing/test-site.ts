import type { SessionContext } from '../core/context'
import type { CookieSettings } from '../core/cookies'
import type { SessionEvent } from '../core/events'
import { createKeyring, type Keyring } from '../core/keys'
import type { Limits } from '../core/limits'
import { openSession, type Session } from '../core/session'
import type { SessionStore } from '../core/store'
import { touchRequest } from '../core/visit'
import { createRecordText, type RecordText } from '../stores/record'
import { createFakeClock, type FakeClock } from './fake-clock'
import type { JarOptions, TestBrowser } from './test-browser'
import { MAX_BYTES, TEST_SECRET } from './test-records'

export { TEST_SECRET } from './test-records'

/** What an app has without SESSION_STORE_TIMEOUT_MS. */
const TOUCH_DEADLINE_MS = 250

/** What a store can be made of. */
export interface StoreParts {
  readonly keyring: Keyring
  readonly cookieName: string
  readonly records: RecordText
  readonly now: () => number
}

type AnyData = Record<string, unknown>

export interface TestSiteOptions {
  /** Makes the store under test. */
  readonly store: (parts: StoreParts) => SessionStore
  readonly limits?: Partial<Limits>
  readonly cookie?: Partial<CookieSettings>
  readonly secrets?: readonly [string, ...string[]]
  readonly clock?: FakeClock
  /** How long a visit waits for its touch, milliseconds; 250 as in an app, unless a slow machine must not matter. */
  readonly touchDeadlineMs?: number
  /** How a save waits between its attempts; not at all unless given. */
  readonly pause?: (ms: number) => Promise<void>
}

/** A site without Next.js: opens sessions for test browsers, on a clock that the test moves. */
export interface TestSite {
  readonly clock: FakeClock
  readonly store: SessionStore
  readonly keyring: Keyring
  readonly cookie: CookieSettings
  readonly events: SessionEvent[]
  /** One more request of this browser that uses the session. */
  open(browser: TestBrowser, options?: OpenOptions): Promise<Session<AnyData>>
  /** One more request of this browser as the proxy sees it. */
  visit(browser: TestBrowser, options?: { saveUninitialized?: boolean }): Promise<void>
}

export interface OpenOptions extends JarOptions {
  /** Changes what the session works with, such as who watches the request. */
  readonly change?: (context: SessionContext) => SessionContext
}

export function createTestSite(options: TestSiteOptions): TestSite {
  const clock = options.clock ?? createFakeClock()
  const cookie: CookieSettings = {
    name: 'sess',
    secure: true,
    sameSite: 'lax',
    path: '/',
    domain: undefined,
    persist: true,
    ...options.cookie,
  }
  const limits: Limits = {
    idleMs: 3_600_000,
    absoluteMs: 86_400_000,
    touchMs: 60_000,
    avoidTouch: false,
    epoch: 0,
    ...options.limits,
  }
  const keyring = createKeyring(options.secrets ?? [TEST_SECRET], cookie.name)
  const records = createRecordText({ keyring, maxBytes: MAX_BYTES, now: clock.now })
  const store = options.store({ keyring, cookieName: cookie.name, records, now: clock.now })
  const events: SessionEvent[] = []
  const parts = {
    store,
    keyring,
    cookie,
    limits,
    now: clock.now,
    onEvent: (event: SessionEvent) => events.push(event),
    pause: options.pause ?? (async () => {}),
  }
  return {
    clock,
    store,
    keyring,
    cookie,
    events,
    open(browser, { change, ...jarOptions } = {}) {
      const context = { ...parts, jar: browser.jar(jarOptions) }
      return openSession<AnyData>(change ? change(context) : context)
    },
    async visit(browser, { saveUninitialized = false } = {}) {
      await touchRequest(
        { ...parts, jar: browser.jar() },
        {
          saveUninitialized,
          deadlineMs: options.touchDeadlineMs ?? TOUCH_DEADLINE_MS,
        },
      )
    },
  }
}
