import type { CookieJar, CookieSettings } from './cookies'
import type { SessionEvent } from './events'
import type { Keyring } from './keys'
import type { Limits } from './limits'
import type { SessionStore } from './store'

/** What a session needs from its surroundings. */
export interface SessionContext {
  readonly store: SessionStore
  readonly jar: CookieJar
  readonly keyring: Keyring
  readonly cookie: CookieSettings
  readonly limits: Limits
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly onEvent: (event: SessionEvent) => void
  /** Waits between the attempts of a save that meets other saves. */
  readonly pause: (ms: number) => Promise<void>
  /** Awaited before each write. By then the jar knows whether the handler returned without awaiting the write. */
  readonly beforeWrite?: (() => Promise<void>) | undefined
  readonly watcher?: Watcher | undefined
}

/** The methods of a session that write. */
export type Write = 'save' | 'destroy' | 'regenerate' | 'touch' | 'setAvoidTouch'

/** A method that the application called. Its place on the stack matters, and nothing else of it. */
export type Method = (...parameters: never) => unknown

/**
 * Sees what the application does with the session of one request, and changes nothing. An error made in a hook has the
 * application's line on its stack, just below `method`.
 */
export interface Watcher {
  onRead?(key: string, method: Method): void
  onChange?(key: string, method: Method): void
  /** A write was called. The application gets the promise that this returns, which settles as `result` does. */
  onWrite?<T>(write: Write, method: Method, result: Promise<T>): Promise<T>
  /** A write resolves to `outcome`; its cookies can still be set. */
  onOutcome?(write: Write, outcome: unknown): void
  /** A write rejects with `error`; cookies can still be set, unless that is the reason. */
  onError?(write: Write, error: unknown): void
  /** The application's line that changed a key or called a write, such as `app/actions.ts:12:5`; empty when unknown. */
  lineOf?(keyOrWrite: string | Promise<unknown>): string
}
