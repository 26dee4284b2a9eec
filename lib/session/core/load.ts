import type { TraceRecorder } from '../trace/request-trace'
import {
  attributesFor,
  type CookieJar,
  type CookieSettings,
  type RequestPlace,
  touchCookieName,
} from './cookies'
import type { SessionEvent } from './events'
import { type Keyring, publicIdOf } from './keys'
import { expiryOf, type Limits } from './limits'
import type { RefusalReason, SessionRecord, SessionStore } from './store'
import { lastSeen, latestTouch, signTouch, type Touch } from './touch-cookie'

/** What a session needs of the world around it. */
export interface SessionContext {
  readonly store: SessionStore
  readonly jar: CookieJar
  readonly keyring: Keyring
  readonly cookie: CookieSettings
  /** Where else the browser may have cookies of ours, left by an earlier configuration. */
  readonly place?: RequestPlace | undefined
  readonly limits: Limits
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly onEvent: (event: SessionEvent) => void
  /** Waits between the attempts of a save that meets other saves. */
  readonly pause: (ms: number) => Promise<void>
  /** Remember where each change was made, to report the unsaved ones. Costs a stack trace for each change. */
  readonly trace?: boolean
  /** The account of this request, where one is kept. */
  readonly record?: TraceRecorder | undefined
  /** Awaited before each write. Afterwards the jar knows of a handler that returned without awaiting the write. */
  readonly beforeWrite?: (() => Promise<void>) | undefined
  /** Called at the end of each write, whatever came of it, while cookies can still be set. */
  readonly afterWrite?: (() => void) | undefined
}

/** A session that was found alive. Times in epoch milliseconds. */
export interface LoadedSession {
  readonly token: string
  readonly record: SessionRecord
  readonly version: unknown
  readonly lastSeenAt: number
  readonly expiresAt: number
}

/**
 * Opens the record of a token and holds it against the limits. Where the store keeps an expiry, that is the idle
 * authority; where it does not (cookie), the stamps in the seal and a touch cookie of this very session are.
 * @throws {SessionStoreError} when the store fails
 */
export async function load(
  context: SessionContext,
  token: string,
): Promise<LoadedSession | { readonly refused: RefusalReason }> {
  const { store, jar, keyring, cookie, limits } = context
  const loaded = await store.load(token)
  if ('refused' in loaded) return loaded
  const { record, version } = loaded
  const avoidTouch = limits.avoidTouch || record.avoidTouch
  const touch = latestTouch(jar.getAll(touchCookieName(cookie)), publicIdOf(token), keyring, context.now())
  // Under avoid touch the store's expiry does not tell: an old touch cookie, sent again, may have moved it.
  const seenByStore = loaded.expiresAt === null || avoidTouch ? 0 : loaded.expiresAt - limits.idleMs
  // A shorter idle limit than the record was stored with would say that it was seen in the future.
  const lastSeenAt = Math.max(
    lastSeen(record.savedAt, avoidTouch, touch),
    Math.min(seenByStore, context.now()),
  )
  const expiresAt = Math.min(loaded.expiresAt ?? Infinity, expiryOf(record.createdAt, lastSeenAt, limits))
  if (record.createdAt < limits.epoch || context.now() >= expiresAt) return { refused: 'expired' }
  return { token, record, version, lastSeenAt, expiresAt }
}

/** Sends the touch cookie; `expiresAt` in epoch milliseconds. */
export function sendTouch(
  { jar, cookie, keyring, now }: SessionContext,
  touch: Touch,
  expiresAt: number,
): void {
  jar.set(touchCookieName(cookie), signTouch(touch, keyring), attributesFor(cookie, expiresAt - now()))
}
