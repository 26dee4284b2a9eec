import { applyPatch, type Patch } from './changes'
import type { SessionContext } from './context'
import { SessionConflictError } from './errors'
import { publicIdOf } from './keys'
import { expiryOf } from './limits'
import { type LoadedSession, load } from './load'
import { canAdopt, type EncodedData, type Saved, type SessionRecord } from './store'

/**
 * What a session does with its store: compare-and-swap, merge, retries. It sends no cookie. Undefined from one of these
 * functions means that the session had ended: destroyed, regenerated or expired meanwhile.
 */

const MAX_ATTEMPTS = 20
const LONGEST_PAUSE_MS = 200
const LONGEST_TURN_MS = 500

export async function createRecord(
  context: SessionContext,
  data: EncodedData,
  avoidTouch: boolean,
): Promise<LoadedSession> {
  const now = context.now()
  return create(context, { createdAt: now, savedAt: now, avoidTouch, data })
}

/** Applies the patch to whatever the record holds now. @throws {SessionConflictError} after bounded retries */
export async function updateRecord(
  context: SessionContext,
  live: LoadedSession,
  patch: Patch,
  avoidTouch?: boolean,
): Promise<LoadedSession | undefined> {
  return inTurn(context, live, (current) =>
    withRetries(context, current, async (fresh) => {
      const record = savedNow(context, fresh, patch, avoidTouch)
      const expiresAt = expiryOf(record.createdAt, record.savedAt, context.limits)
      const result = await context.store.update(fresh.token, record, expiresAt, fresh.version)
      return typeof result === 'string' ? result : written(result, record, expiresAt)
    }),
  )
}

/**
 * Stores the record, with the patch applied, under a new token. The old token is destroyed only if no other request saved
 * in between and the new token can still be sent. `undo` is for a response that leaves without the new token.
 */
export async function replaceToken(
  context: SessionContext,
  live: LoadedSession,
  patch: Patch,
): Promise<{ readonly live: LoadedSession; readonly undo: Undo } | undefined> {
  const { store, jar } = context
  let from = live
  const result = await withRetries(context, await reloadIfExpired(context, live), async (fresh) => {
    const replaced = await create(context, savedNow(context, fresh, patch))
    try {
      jar.assertWritable()
      if ((await store.destroy(fresh.token, fresh.version)) === 'ok') {
        from = fresh
        return replaced
      }
    } catch (error) {
      await store.destroy(replaced.token, undefined, 'unmarked').catch(() => {}) // the first failure is the one to report
      throw error
    }
    await store.destroy(replaced.token, undefined, 'unmarked')
    return 'conflict'
  })
  return result && { live: result, undo: () => restoreToken(context, from, result.token) }
}

/** Takes back what a write did to a token that never reached the browser. Returns whether it did. */
export type Undo = () => Promise<boolean>

/**
 * Puts a record back under its old token. A session that was ended under the new one stays ended: `destroyAll` may run
 * at the same time, so the old record is removed again unless the new one was still there to be destroyed.
 */
async function restoreToken(
  { store }: SessionContext,
  from: LoadedSession,
  newToken: string,
): Promise<boolean> {
  const replaced = await store.load(newToken)
  if ('refused' in replaced) return false
  await store.destroy(from.token, undefined, 'unmarked') // the mark of its end
  const isThere = !('refused' in (await store.load(from.token))) // a seal of the cookie store was never ended
  if (!isThere) {
    if (!canAdopt(store)) return false
    if ((await store.adopt(from.token, from.record, from.expiresAt)) === 'conflict') return false
  }
  if ((await store.destroy(newToken, replaced.version, 'unmarked')) === 'ok' || isThere) return true
  await store.destroy(from.token)
  return false
}

/** Extends the session: one call, no data. Returns the new times, or undefined when the session had ended. */
export async function touchRecord(
  context: SessionContext,
  { token, createdAt, expiresAt }: { token: string; createdAt: number; expiresAt: number },
): Promise<{ lastSeenAt: number; expiresAt: number } | undefined> {
  const now = context.now()
  const next = expiryOf(createdAt, now, context.limits)
  const isTouched = now < expiresAt && (await context.store.touch(token, next))
  return isTouched ? { lastSeenAt: now, expiresAt: next } : undefined
}

/** The session, loaded again if it seems expired: another request may have extended it meanwhile. */
export async function reloadIfExpired(
  context: SessionContext,
  live: LoadedSession,
): Promise<LoadedSession | undefined> {
  return context.now() >= live.expiresAt ? reload(context, live.token) : live
}

async function create(context: SessionContext, record: SessionRecord): Promise<LoadedSession> {
  const expiresAt = expiryOf(record.createdAt, record.savedAt, context.limits)
  return written(await context.store.create(record, expiresAt), record, expiresAt)
}

interface Turn {
  readonly begun: Promise<void>
  readonly ended: Promise<void>
}

/** The turn of the last save that was asked for, by token. */
const lastTurns = new Map<string, Turn>()

/**
 * Saves of one process to one session take turns, so that each meets saves of other processes only: in a race, many at
 * once use up their attempts against each other. Only an optimisation: after `LONGEST_TURN_MS` a save stops waiting
 * for the one before it.
 */
async function inTurn(
  context: SessionContext,
  live: LoadedSession,
  save: (current: LoadedSession | undefined) => Promise<LoadedSession | undefined>,
): Promise<LoadedSession | undefined> {
  const before = lastTurns.get(live.token)
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const turn = { begun: begun.promise, ended: ended.promise }
  lastTurns.set(live.token, turn)
  try {
    if (before) {
      await before.begun
      await Promise.race([before.ended, context.pause(LONGEST_TURN_MS)])
    }
    begun.resolve()
    // The save before this one has most likely changed the version: load the record instead of trying in vain.
    return await save(before ? await reload(context, live.token) : await reloadIfExpired(context, live))
  } finally {
    ended.resolve()
    if (lastTurns.get(live.token) === turn) lastTurns.delete(live.token)
  }
}

async function withRetries(
  context: SessionContext,
  live: LoadedSession | undefined,
  attempt: (fresh: LoadedSession) => Promise<LoadedSession | 'conflict' | 'gone'>,
): Promise<LoadedSession | undefined> {
  let fresh = live
  for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
    if (!fresh || context.now() >= fresh.expiresAt) return undefined
    const result = await attempt(fresh)
    if (result === 'gone') return undefined
    if (result !== 'conflict') {
      if (attempts > 1) context.onEvent({ event: 'merged', id: publicIdOf(result.token), attempts })
      return result
    }
    await context.pause(Math.random() * Math.min(2 ** attempts, LONGEST_PAUSE_MS))
    fresh = await reload(context, fresh.token)
  }
  throw new SessionConflictError(MAX_ATTEMPTS)
}

async function reload(context: SessionContext, token: string): Promise<LoadedSession | undefined> {
  const found = await load(context, token)
  return 'refused' in found ? undefined : found
}

function savedNow(
  context: SessionContext,
  fresh: LoadedSession,
  patch: Patch,
  avoidTouch?: boolean,
): SessionRecord {
  const { createdAt, data } = fresh.record
  return {
    createdAt,
    savedAt: Math.max(context.now(), createdAt), // another server, whose clock is ahead, may have created it
    avoidTouch: avoidTouch ?? fresh.record.avoidTouch,
    data: applyPatch(data, patch),
  }
}

function written({ token, version }: Saved, record: SessionRecord, expiresAt: number): LoadedSession {
  return { token, record, version, lastSeenAt: record.savedAt, expiresAt }
}
