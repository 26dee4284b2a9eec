import { firstDistinct } from './cookies'
import { type LoadedSession, load, type SessionContext } from './load'
import type { RefusalReason } from './store'

/** What became of the tokens that one request sent. */
export interface Opened {
  readonly live: LoadedSession | undefined
  /** Why each token before the live one opened nothing; of all of them where none lives. */
  readonly refused: readonly RefusalReason[]
  /** The tokens but the live one, in the order sent. */
  readonly others: readonly string[]
}

/**
 * The tokens that may be this request's session, in the order sent, at most four. Another path or domain, another app
 * on this host, an earlier configuration or a hostile subdomain can each have left a cookie of our name.
 */
export function sentTokens({ jar, cookie }: SessionContext): readonly string[] {
  return firstDistinct(jar.getAll(cookie.name))
}

/**
 * Opens the tokens in their order, up to the first that lives: that is the session, for everything in this request.
 * @throws {SessionStoreError} when the store fails; the next token is then not tried, it may be another visitor's
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

/** The tokens that open a session which lives. @throws {SessionStoreError} */
export async function liveOnes(context: SessionContext, tokens: readonly string[]): Promise<string[]> {
  const live: string[] = []
  for (const token of tokens) {
    if (!('refused' in (await load(context, token)))) live.push(token)
  }
  return live
}
