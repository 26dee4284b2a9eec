import type { SessionContext } from './core/context'
import type { CookieAttributes, CookieSettings } from './core/cookies'
import type { SessionEvent } from './core/events'
import type { Keyring } from './core/keys'

/** What one request did with the session: its writes, its calls of the store, the cookies it sent. */
export interface RequestTrace {
  /** When the request began, epoch milliseconds. */
  readonly at: number
  /** The same on the clock of the process (`performance.now`), to compare requests of one process. */
  readonly begin: number
  /** The first writes that the application called, each with its outcome or the code of its error. */
  readonly operations: readonly { readonly name: string; readonly outcome: string }[]
  readonly steps: readonly StoreStep[]
  /** How many more calls of the store there were than `steps` holds. */
  readonly moreSteps: number
  readonly cookies: readonly SentCookie[]
  /** The first events: why a cookie was refused, that a save was merged. */
  readonly events: readonly SessionEvent[]
}

/** One call of the store. */
export interface StoreStep {
  readonly call: 'load' | 'create' | 'update' | 'touch' | 'destroy'
  /** What it returned: `found` or why not, `stored`, `conflict`, `gone`, `extended`, `removed`, or an error's code. */
  readonly answer: string
  /** Milliseconds from the beginning of the request to the call. */
  readonly after: number
  /** How long it took, milliseconds. */
  readonly ms: number
}

/** One Set-Cookie. */
export interface SentCookie {
  readonly name: string
  /** The first characters of its value; never the whole. */
  readonly start: string
  /** Name and value, as the browser counts them. */
  readonly bytes: number
  readonly attributes: CookieAttributes
}

/** Which browser a sealed trace is for, and how it travels. */
export interface TraceBinding {
  /** `action` travels in a cookie to the next page, `visit` in a header from the proxy to the page of one request. */
  readonly purpose: 'action' | 'visit'
  /** The session's token that the browser holds; undefined or empty when it holds none. */
  readonly token: string | undefined
}

/** What `next/` uses of the folder `trace/`. */
export interface Tracing {
  /** `trace`: keeps a request trace; `lines`: remembers the line of code of each change and write. */
  watch(
    context: SessionContext,
    options: { readonly trace: boolean; readonly lines: boolean; readonly afterWrite?: () => void },
  ): WatchedRequest
  cookieName(cookie: CookieSettings): string
  /** How long a sealed trace is valid, milliseconds. */
  readonly lifeMs: number
  /** The trace of a text that `seal` made; undefined when it is missing, forged, for another browser, or too old. */
  read(
    sealed: string | null | undefined,
    keyring: Keyring,
    binding: TraceBinding & { readonly now: number },
  ): RequestTrace | undefined
}

export interface WatchedRequest {
  /** Use it in place of the context that was given to `watch`. */
  readonly context: SessionContext
  /** All that the request has done so far; undefined where no trace is kept. */
  trace(): RequestTrace | undefined
  /** The trace as text, signed for the browser that sent the token `received`; undefined where no trace is kept. */
  seal(purpose: TraceBinding['purpose'], received: string | undefined): string | undefined
  /** The writes that the application did not await, with their lines of code; empty without `lines`. */
  unawaitedWrites(): { readonly operation: string; readonly at: string }[]
}

/** Takes the place of the folder `trace/` where it was deleted: see `site.ts`. */
export const noTracing: Tracing = {
  watch: (context) => ({
    context,
    trace: () => undefined,
    seal: () => undefined,
    unawaitedWrites: () => [],
  }),
  cookieName: ({ name }) => `${name}_trace`,
  lifeMs: 0,
  read: () => undefined,
}
