import type { SessionContext } from './context'
import { firstDistinct, touchCookieName } from './cookies'
import { publicIdOf } from './keys'
import { expiryOf } from './limits'
import type { RefusalReason, SessionRecord } from './store'
import { lastSeen, latestTouch } from './touch-cookie'

/** A session that is inside its limits. Times in epoch milliseconds. */
export interface LoadedSession {
  readonly token: string
  readonly record: SessionRecord
  readonly version: unknown
  readonly lastSeenAt: number
  readonly expiresAt: number
}

/**
 * Loads the record of a token and checks it against the limits. Where the store keeps an expiry, that says when the
 * session was last seen; where it does not (cookie), the times in the seal and in a touch cookie of this session do.
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
  // Under avoid touch the store's expiry does not count: an old touch cookie, sent again, may have moved it.
  const seenByStore = loaded.expiresAt === null || avoidTouch ? 0 : loaded.expiresAt - limits.idleMs
  // Where the record was stored with a longer idle limit, that difference lies in the future.
  const lastSeenAt = Math.max(
    lastSeen(record.savedAt, avoidTouch, touch),
    Math.min(seenByStore, context.now()),
  )
  const expiresAt = Math.min(loaded.expiresAt ?? Infinity, expiryOf(record.createdAt, lastSeenAt, limits))
  if (record.createdAt < limits.epoch || context.now() >= expiresAt) return { refused: 'expired' }
  return { token, record, version, lastSeenAt, expiresAt }
}

/**
 * The tokens that may be this request's session, in the order sent, at most four. A cookie of our name may come from
 * another path or domain, another app on this host, an earlier configuration or a hostile subdomain.
 */
export function sentTokens({ jar, cookie }: SessionContext): readonly string[] {
  return firstDistinct(jar.getAll(cookie.name))
}

/** The tokens of one request, loaded. */
export interface Opened {
  readonly live: LoadedSession | undefined
  /** Why each token before the live one opened no session; of all tokens where none did. */
  readonly refused: readonly RefusalReason[]
  /** The tokens except the live one, in the order sent. */
  readonly others: readonly string[]
}

/**
 * Loads the tokens in their order until one opens a session: everything in this request uses that one.
 * @throws {SessionStoreError} when the store fails; the next token is not tried, because it may be another visitor's
 */
export async function openFirst(context: SessionContext, tokens: readonly string[]): Promise<Opened> {
  const refused: RefusalReason[] = []
  for (const token of tokens) {
    const found = await load(context, token)
    if (!('refused' in found))
      return { live: found, refused, others: tokens.filter((other) => other !== token) }
    refused.push(found.refused)
  }
  return { live: undefined, refused, others: tokens }
}

/** The tokens that open a live session. @throws {SessionStoreError} */
export async function liveOnes(context: SessionContext, tokens: readonly string[]): Promise<string[]> {
  const live: string[] = []
  for (const token of tokens) if (!('refused' in (await load(context, token)))) live.push(token)
  return live
}
