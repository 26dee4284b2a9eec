import { setImmediate as turn } from 'node:timers/promises'
import { cookies, headers } from 'next/headers'
import { after, connection } from 'next/server'
import { attributesFor, firstDistinct } from '../core/cookies'
import { openSession, type Session } from '../core/session'
import { reportEvent } from '../report'
import { currentResponse, undosOf } from '../response'
import type { SessionData } from '../session-data'
import { getSite, tracing } from '../site'
import type { WatchedRequest } from '../tracing'
import { contextOf } from './context'
import { requestJar } from './jar'
import { takeBackLostCookies, warnIfCookieIsLost } from './lost-cookies'

/** What one request has opened. */
interface Opened {
  readonly session: Session<SessionData>
  readonly watched: WatchedRequest
}

// `headers()` gives one object to the action, metadata, layouts, page and route handler of a request.
const openedByRequest = new WeakMap<object, Promise<Opened>>()

/**
 * The session of this request, loaded once, however many callers ask. Server Components can read it; Server Actions and
 * Route Handlers can save it too. `getSession<MyData>()` is the same session with other keys.
 * @throws {SessionStoreError} when the store fails; the visitor's cookie is left alone
 */
export async function getSession<D extends object = SessionData>(): Promise<Session<D>> {
  const { session } = await openOnce()
  return session as unknown as Session<D> // keys are only a type: any session can have any
}

/** The same, with what was recorded of this request. @throws {SessionStoreError} */
export async function openOnce(): Promise<Opened> {
  await connection() // who is signed in depends on the time: never part of a prerender, nor of a prefetch made ahead
  const request = await headers()
  const opened = openedByRequest.get(request) ?? open(request)
  openedByRequest.set(request, opened)
  return opened
}

async function open(request: Headers): Promise<Opened> {
  const { config } = getSite()
  const { cookie, production, trace } = config
  warnIfCookieIsLost(cookie, request)
  const response = currentResponse()
  const sent = await cookies()
  const jar = requestJar(sent, request, response, cookie)
  await undosOf(firstDistinct(jar.tokens))
  const watched = tracing.watch(contextOf(jar), {
    trace,
    lines: !production,
    ...(trace && isFollowedByPage(request) && { afterWrite: sendTrace }),
  })
  const session = await openSession<SessionData>({ ...watched.context, beforeWrite: turn })
  takeBackLostCookies(session, jar, response)
  if (!production) after(() => reportForgotten(session, watched))
  return { session, watched }

  function sendTrace(): void {
    if (!jar.isWritable()) return
    const value = watched.seal('action', sent.get(cookie.name)?.value)
    if (value !== undefined) jar.set(tracing.cookieName(cookie), value, attributesFor(cookie, tracing.lifeMs))
  }
}

/**
 * Whether this is a Server Action, or a form sent without JavaScript: the page that comes next shows what it did. After an
 * action that redirects, Next asks itself for that page with the content type of the form, and only then accepts
 * `text/x-component`.
 */
export function isFollowedByPage(request: Headers): boolean {
  if (request.has('next-action')) return true
  const isForm = request.get('content-type')?.startsWith('multipart/form-data') ?? false
  return isForm && !(request.get('accept') ?? '').startsWith('text/x-component')
}

/** Development: changes without a `save()`, and writes without an `await`. */
function reportForgotten(session: Session<SessionData>, watched: WatchedRequest): void {
  const changes = session.unsavedChanges()
  if (changes.length > 0) reportEvent({ event: 'unsaved', changes })
  const writes = watched.unawaitedWrites()
  if (writes.length > 0) reportEvent({ event: 'unawaited', writes })
}
