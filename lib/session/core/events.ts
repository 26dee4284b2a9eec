import type { ReadOnlyPlace } from './errors'
import type { RefusalReason } from './store'

/**
 * What happens to sessions beside the result of a call. `id` is the public id; values are never part of an event.
 *
 * Of each kind (the event, with its reason or operation) the first is reported at once. Those that follow are counted,
 * and reported once a second as the last of them with `count`: how many since the line before. Without `count` it is
 * one. `warning`, `unsaved` and `unawaited` are always reported.
 */
export type SessionEvent = Happening & { readonly count?: number }

type Happening =
  /** A cookie that opened no session; the visitor goes on with an empty one. */
  | { readonly event: 'refused'; readonly reason: RefusalReason }
  /** A request sent several different cookies of our name, counted to four; the first that opens a live session counts. */
  | { readonly event: 'several-cookies'; readonly cookies: number }
  /** A save met other saves and was merged with them. */
  | { readonly event: 'merged'; readonly id: string; readonly attempts: number }
  /** The session had been destroyed, regenerated or had expired when this request wanted to write it. */
  | { readonly event: 'ended'; readonly id: string; readonly operation: string }
  /** The session's life could not be extended; the request went on. */
  | { readonly event: 'touch-failed'; readonly message: string }
  /** Production: a request failed because the store did. It replaces the error that Next.js would print. */
  | { readonly event: 'store-failed'; readonly message: string }
  /** Expired sessions were removed from the store. */
  | { readonly event: 'swept'; readonly removed: number }
  /** They could not be; the next sweep tries again. */
  | { readonly event: 'sweep-failed'; readonly message: string }
  /** One stored value cannot be decoded; its key reads as absent and its text is kept. */
  | { readonly event: 'unreadable-key'; readonly id: string; readonly key: string }
  /** Development: the request ended with changes that no `save()` stored. `at` is where each was made. */
  | { readonly event: 'unsaved'; readonly changes: readonly { readonly key: string; readonly at: string }[] }
  /**
   * A write was rejected because its response had begun or the Server Action had returned: a stream, `after()`, a
   * forgotten `await`. `at` is where it was called, empty in production.
   */
  | {
      readonly event: 'late-write'
      readonly operation: string
      readonly place: ReadOnlyPlace
      readonly at: string
    }
  /** Development: a write whose promise nothing awaited; it may end after the response, and its errors show nowhere. */
  | {
      readonly event: 'unawaited'
      readonly writes: readonly { readonly operation: string; readonly at: string }[]
    }
  /**
   * A Route Handler wrote the session and then threw, or called `notFound()`: Next.js dropped the cookies. Or the browser
   * went away before them. `undone`: a new token was taken back, so that the browser's own still opens the session.
   */
  | { readonly event: 'cookies-lost'; readonly operations: readonly string[]; readonly undone: boolean }
  /** A setting, or the place where sessions are kept, works but may be wrong; reported once. */
  | { readonly event: 'warning'; readonly message: string }
