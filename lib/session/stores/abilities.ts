/**
 * What a store can do beside the contract, as `Adopting` in `core/store.ts`. A store has all methods of an ability or none, and its type says which:
 * `createFileStore` returns `SessionStore & Adopting & Listing & Inspectable`. Code that gets any store asks `canAdopt`,
 * `canList` or `canInspect`. A wrapper has the abilities of the store inside it (`core/around.ts`).
 */
import type { SessionStore } from '../core/store'

/** Can tell which sessions there are. */
export interface Listing {
  /** Live sessions of this app, in no order, at most `limit` of them. Reads on until it has that many. */
  list(limit: number): Promise<readonly ListedSession[]>

  /**
   * Ends the session of a `name` that `list` returned, and leaves no mark: its browser can begin a new one at once. Does
   * nothing when there is none, or one of another app.
   */
  destroyNamed(name: string): Promise<void>

  /** How many sessions of this app are live, and how many are expired and not yet removed. */
  count(): Promise<{ readonly live: number; readonly expired: number }>
}

/** Knows what an operator should know about its backend. */
export interface Inspectable {
  /** One line each. Changes nothing. */
  inspect(): Promise<readonly Finding[]>
}

/** One session of a list. Times in epoch milliseconds. */
export interface ListedSession {
  /** The store's own name of the record. As a token it opens nothing. */
  readonly name: string
  readonly publicId: string
  readonly createdAt: number
  readonly savedAt: number
  readonly expiresAt: number
  /** Of the stored record. */
  readonly bytes: number
}

/** `warning`: works, and deserves a look; `problem`: sessions do not work, or not safely. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem'
  readonly text: string
}

export function canList(store: SessionStore): store is SessionStore & Listing {
  return 'list' in store
}

export function canInspect(store: SessionStore): store is SessionStore & Inspectable {
  return 'inspect' in store
}
