import { touchCookieName } from './cookies'
import { tagOf } from './keys'
import { expiryOf, type Limits } from './limits'
import { loadLive, type SessionContext, sendTouch } from './live'
import { openSession } from './session'
import { decideTouch, readTouch, type Touch } from './touch'
import { touchRecord } from './writes'

/**
 * Extends the life of the browser's session: for every request, so mostly one HMAC and nothing else. It never
 * changes data, never revives a session, and never fails the request: a store that is down, or has not answered after
 * `deadlineMs`, is an event. With `saveUninitialized` a visitor without a cookie gets an empty session.
 *
 * Cookies go into the jar; what is put there after this returned comes too late and must not be sent.
 */
export async function touchRequest(
  context: SessionContext,
  { saveUninitialized, deadlineMs }: { readonly saveUninitialized: boolean; readonly deadlineMs: number },
): Promise<void> {
  const deadline = Promise.withResolvers<never>()
  const timer = setTimeout(() => deadline.reject(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs)
  try {
    await Promise.race([touchOrCreate(context, saveUninitialized), deadline.promise])
  } catch (error) {
    context.onEvent({
      event: 'touch-failed',
      message: error instanceof Error ? error.message : String(error),
    })
  } finally {
    clearTimeout(timer)
  }
}

async function touchOrCreate(context: SessionContext, saveUninitialized: boolean): Promise<void> {
  const token = context.jar.get(context.cookie.name)
  if (token !== undefined) await touch(context, token)
  else if (saveUninitialized) await (await openSession(context)).save()
}

async function touch(context: SessionContext, token: string): Promise<void> {
  const { jar, cookie, keyring, limits } = context
  const tag = tagOf(token)
  const sent = readTouch(jar.get(touchCookieName(cookie)), tag, keyring, context.now())
  const decision = decideTouch(sent, context.now(), limits)
  if (decision.kind === 'leave') return
  const session =
    decision.kind === 'slide' ? stampsOf(decision.touch, limits) : await openTouchable(context, token)
  const times = session && (await touchRecord(context, { token, ...session }))
  if (!times) return
  const touch = {
    tag,
    createdAt: session.createdAt,
    lastSeenAt: times.lastSeenAt,
    avoidedBy: 'none' as const,
  }
  sendTouch(context, touch, times.expiresAt)
}

interface Stamps {
  readonly createdAt: number
  readonly expiresAt: number
}

function stampsOf({ createdAt, lastSeenAt }: Touch, limits: Limits): Stamps {
  return { createdAt, expiresAt: expiryOf(createdAt, lastSeenAt, limits) }
}

/**
 * The touch cookie told nothing: the session itself must say that it lives and wants to be touched. What is wrong
 * with its cookie is reported by whoever asks for the session, not here.
 */
async function openTouchable(context: SessionContext, token: string): Promise<Stamps | undefined> {
  const found = await loadLive(context, token)
  if ('refused' in found || found.record.avoidTouch) return undefined
  return { createdAt: found.record.createdAt, expiresAt: found.expiresAt }
}
