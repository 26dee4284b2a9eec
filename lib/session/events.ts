import type { RefusalReason } from './store'

/** What happened to sessions that nobody asked about. `id` is the public id; values are never part of an event. */
export type SessionEvent =
  /** A cookie that opened no session; the visitor goes on with an empty one. */
  | { readonly event: 'refused'; readonly reason: RefusalReason }
  /** A request sent several different cookies of our name, counted to four; the first that lives is the session. */
  | { readonly event: 'several-cookies'; readonly count: number }
  /** A save met other saves and was merged with them. */
  | { readonly event: 'merged'; readonly id: string; readonly attempts: number }
  /** The session had been destroyed, regenerated or had expired when this request wanted to write it. */
  | { readonly event: 'ended'; readonly id: string; readonly operation: string }
  /** The session's life could not be extended; the request went on. */
  | { readonly event: 'touch-failed'; readonly message: string }
  /** Expired sessions were removed from the store. */
  | { readonly event: 'swept'; readonly removed: number }
  /** They could not be; the next sweep tries again. */
  | { readonly event: 'sweep-failed'; readonly message: string }
  /** One stored value cannot be decoded; its key reads as absent and its text is kept. */
  | { readonly event: 'unreadable-key'; readonly id: string; readonly key: string }
  /** Development: the request ended with changes that no `save()` stored. `at` is where each was made. */
  | { readonly event: 'unsaved'; readonly changes: readonly { readonly key: string; readonly at: string }[] }
  /** Something in the configuration deserves a look; reported once. */
  | { readonly event: 'warning'; readonly message: string }
