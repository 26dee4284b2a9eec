import type { SessionContext } from './context'
import { touchCookieName } from './cookies'
import { publicIdOf } from './keys'
import { expiryOf, isLive, type Times } from './limits'
import { type LoadedSession, load, openFirst, sentTokens } from './load'
import { touchRecord } from './save'
import { openSession } from './session'
import { latestTouch, sendTouch } from './touch-cookie'

/**
 * Extends the life of the browser's session. It runs before every page, and mostly costs one HMAC. It never changes
 * data, never revives a session, and never fails the request: when the store is down, or has not answered after
 * `deadlineMs`, it reports an event. With `saveUninitialized` a visitor without a cookie gets an empty session.
 *
 * Cookies go into the jar. A cookie that comes after this returned is too late and must not be sent.
 * @returns of several different cookies of our name, the token that is the session; undefined with one or none
 */
export function touchRequest(
  context: SessionContext,
  { saveUninitialized, deadlineMs }: { readonly saveUninitialized: boolean; readonly deadlineMs: number },
): Promise<string | undefined> {
  return withinDeadline(context, deadlineMs, async () => {
    const tokens = sentTokens(context)
    const [token] = tokens
    if (tokens.length > 1) {
      const { live } = await openFirst(context, tokens)
      if (live) await touch(context, live.token, live)
      return live?.token
    }
    if (token !== undefined) await touch(context, token)
    else if (saveUninitialized) await (await openSession(context)).save()
    return undefined
  })
}

/** What `touchRequest` returns, for a request that touches nothing. Only the records tell which cookie the page takes. */
export function chooseToken(
  context: SessionContext,
  { deadlineMs }: { readonly deadlineMs: number },
): Promise<string | undefined> {
  const tokens = sentTokens(context)
  if (tokens.length < 2) return Promise.resolve(undefined)
  return withinDeadline(context, deadlineMs, async () => (await openFirst(context, tokens)).live?.token)
}

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
    const message = error instanceof Error ? error.message : String(error)
    context.onEvent({ event: 'touch-failed', message })
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

async function touch(context: SessionContext, token: string, loaded?: LoadedSession): Promise<void> {
  const { jar, cookie, keyring, limits, now } = context
  if (limits.avoidTouch) return
  const sent = latestTouch(jar.getAll(touchCookieName(cookie)), publicIdOf(token), keyring, now())
  const isDue = (lastSeenAt: number) => now() - lastSeenAt >= limits.touchMs
  // A touch cookie inside the limits says enough. Any other makes the session itself say when it was last seen.
  const isEnough = sent && isLive(sent.createdAt, sent.lastSeenAt, now(), limits)
  if (isEnough && (sent.avoidedBy === 'session' || !isDue(sent.lastSeenAt))) return
  const times = isEnough
    ? { ...sent, expiresAt: expiryOf(sent.createdAt, sent.lastSeenAt, limits) }
    : await timesOfSession(context, token, loaded)
  if (!times) return
  // A session that was seen a moment ago needs no write to the store, only the touch cookie that it lacks.
  const next = isDue(times.lastSeenAt) ? await touchRecord(context, { ...times, token }) : times
  if (next) sendTouch(context, token, { ...times, ...next }, 'none')
}

/** Undefined for a session that has ended or avoids touch. `getSession` reports why a cookie opened nothing. */
async function timesOfSession(
  context: SessionContext,
  token: string,
  loaded: LoadedSession | undefined,
): Promise<Times | undefined> {
  const found = loaded ?? (await load(context, token))
  if ('refused' in found || found.record.avoidTouch) return undefined
  return { ...found, createdAt: found.record.createdAt }
}
