import { openFirst, sentTokens } from './candidates'
import { touchCookieName } from './cookies'
import { publicIdOf } from './keys'
import { expiryOf, type Limits } from './limits'
import { type LoadedSession, load, type SessionContext, sendTouch } from './load'
import { touchRecord } from './save'
import { openSession } from './session'
import { decideTouch, latestTouch, type Touch } from './touch-cookie'

/**
 * Extends the life of the browser's session: for every request, so mostly one HMAC and nothing else. It never
 * changes data, never revives a session, and never fails the request: a store that is down, or has not answered after
 * `deadlineMs`, is an event. With `saveUninitialized` a visitor without a cookie gets an empty session.
 *
 * Cookies go into the jar; what is put there after this returned comes too late and must not be sent.
 * @returns of several different cookies of our name the token that is the session; undefined with one or none
 */
export function touchRequest(
  context: SessionContext,
  { saveUninitialized, deadlineMs }: { readonly saveUninitialized: boolean; readonly deadlineMs: number },
): Promise<string | undefined> {
  return withinDeadline(context, deadlineMs, async () => {
    const tokens = sentTokens(context)
    const [token] = tokens
    if (tokens.length > 1) {
      const live = await openChosen(context, tokens)
      if (live) await touch(context, live.token, live)
      return live?.token
    }
    if (token !== undefined) await touch(context, token)
    else if (saveUninitialized) await (await openSession(context)).save()
    return undefined
  })
}

/** What `touchRequest` answers, for a request that touches nothing. */
export function chooseToken(
  context: SessionContext,
  { deadlineMs }: { readonly deadlineMs: number },
): Promise<string | undefined> {
  const tokens = sentTokens(context)
  if (tokens.length < 2) return Promise.resolve(undefined)
  return withinDeadline(context, deadlineMs, async () => (await openChosen(context, tokens))?.token)
}

/** Only the records tell which of several cookies the page will take. */
async function openChosen(
  context: SessionContext,
  tokens: readonly string[],
): Promise<LoadedSession | undefined> {
  return (await openFirst(context, tokens)).live
}

/** A failure, and a store that has not answered in time, are events. */
async function withinDeadline<T>(
  context: SessionContext,
  deadlineMs: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const deadline = Promise.withResolvers<never>()
  const timer = setTimeout(() => deadline.reject(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs)
  try {
    return await Promise.race([work(), deadline.promise])
  } catch (error) {
    context.onEvent({
      event: 'touch-failed',
      message: error instanceof Error ? error.message : String(error),
    })
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

async function touch(context: SessionContext, token: string, opened?: LoadedSession): Promise<void> {
  const { jar, cookie, keyring, limits } = context
  const publicId = publicIdOf(token)
  const sent = latestTouch(jar.getAll(touchCookieName(cookie)), publicId, keyring, context.now())
  const decision = decideTouch(sent, context.now(), limits)
  if (decision.kind === 'leave') return
  const session =
    decision.kind === 'slide' ? stampsOf(decision.touch, limits) : await openTouchable(context, token, opened)
  if (!session) return
  // Its own stamps say when it was last seen: without a touch cookie each visit would write to the store.
  const isDue = context.now() - session.lastSeenAt >= limits.touchMs
  const times = isDue ? await touchRecord(context, { token, ...session }) : session
  if (!times) return
  const touch = {
    publicId,
    createdAt: session.createdAt,
    lastSeenAt: times.lastSeenAt,
    avoidedBy: 'none' as const,
  }
  sendTouch(context, touch, times.expiresAt)
}

interface Stamps {
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
}

function stampsOf({ createdAt, lastSeenAt }: Touch, limits: Limits): Stamps {
  return { createdAt, lastSeenAt, expiresAt: expiryOf(createdAt, lastSeenAt, limits) }
}

/**
 * The touch cookie told nothing: the session itself must say that it lives and wants to be touched. What is wrong
 * with its cookie is reported by whoever asks for the session, not here.
 */
async function openTouchable(
  context: SessionContext,
  token: string,
  opened: LoadedSession | undefined,
): Promise<Stamps | undefined> {
  const found = opened ?? (await load(context, token))
  if ('refused' in found || found.record.avoidTouch) return undefined
  return { createdAt: found.record.createdAt, lastSeenAt: found.lastSeenAt, expiresAt: found.expiresAt }
}
