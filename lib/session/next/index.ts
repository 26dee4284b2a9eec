import 'server-only'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { stringifySetCookie } from 'cookie'
import { cookies, headers } from 'next/headers'
import { after, connection, type NextRequest, NextResponse } from 'next/server'
import type { SessionConfig } from '../config/config'
import {
  attributesFor,
  COOKIE_LIMIT_BYTES,
  type CookieJar,
  firstDistinct,
  isCookieDomainOf,
  type RequestPlace,
  traceCookieName,
} from '../core/cookies'
import { type ReadOnlyPlace, SessionReadOnlyError } from '../core/errors'
import { createKeyring, type Keyring } from '../core/keys'
import type { SessionContext } from '../core/load'
import { openSession, type Session } from '../core/session'
import type { ListedSession, SessionStore } from '../core/store'
import { chooseToken, touchRequest } from '../core/visit'
import { reportEvent } from '../report'
import type { SessionData } from '../session-data'
import { getConfig } from '../site'
import { lazyStore } from '../stores/lazy'
import { openStore } from '../stores/open'
import { type RequestTrace, readTrace, sealTrace, TRACE_LIFE_MS, TraceRecorder } from '../trace/request-trace'
import { cookieValues, withCookie, withLastCookie } from './cookie-header'
import {
  beginUndo,
  carriesCookie,
  currentResponse,
  hasBegun,
  isClientGone,
  isOver,
  type NodeResponse,
  undosOf,
  watchResponses,
} from './response'

watchResponses() // for an app without `instrumentation.ts`; the first request may not be known yet

// `headers()` gives one object to the action, metadata, layouts, page and route handler of a request.
const sessionsByRequest = new WeakMap<object, Promise<Session<SessionData>>>()

/**
 * The session of this request, loaded once however many callers ask. Server Components can read it; Server Actions
 * and Route Handlers can save it too. `getSession<MyData>()` is the same session, seen with other keys.
 * @throws {SessionStoreError} when the store fails; the visitor's cookie is left alone
 */
export async function getSession<D extends object = SessionData>(): Promise<Session<D>> {
  await connection() // who is signed in depends on the time: never part of a prerender, nor of a prefetch made ahead
  const request = await headers()
  const session = sessionsByRequest.get(request) ?? openRequestSession(request)
  sessionsByRequest.set(request, session)
  return session as unknown as Promise<Session<D>> // the keys are a view: any session can be seen with any
}

/**
 * For `proxy.ts`: extends the life of the browser's session at each visit: a GET or HEAD request that is no prefetch.
 * The page of the same request sees the new cookie. `respond` makes another response than `NextResponse.next`, such as a
 * rewrite: `touchSession(request, (init) => NextResponse.rewrite(url, init))`.
 */
export async function touchSession(
  request: NextRequest,
  respond: (init?: { request: { headers: Headers } }) => NextResponse = NextResponse.next,
): Promise<NextResponse> {
  const requestHeaders = new Headers(request.headers)
  // Only this function writes it: what a client sends under its name never reaches a page.
  const hasForeignTrace = requestHeaders.has(TRACE_HEADER)
  requestHeaders.delete(TRACE_HEADER)
  const setCookies: string[] = []
  const record = createRecord()
  const context = createContext(proxyJar(requestHeaders, setCookies), record)
  const { cookie, saveUninitialized, storeTimeoutMs } = getConfig()
  // A page that does not use the session waits for its touch no longer than this.
  const deadlineMs = Math.ceil(storeTimeoutMs / 8)
  const isTouched = isVisit(request)
  const token = await (isTouched
    ? touchRequest(context, { saveUninitialized, deadlineMs })
    : chooseToken(context, { deadlineMs }))
  if (token !== undefined) {
    requestHeaders.set('Cookie', withLastCookie(requestHeaders.get('Cookie') ?? '', cookie.name, token))
  }
  const isRecorded = isTouched && record !== undefined && record.trace.steps.length > 0
  if (isRecorded) {
    const received = token ?? request.cookies.get(cookie.name)?.value
    const account = { purpose: 'visit', token: record.tokenAfter(received) } as const
    requestHeaders.set(TRACE_HEADER, sealTrace(record.trace, context.keyring, account))
  }
  const isChanged = setCookies.length > 0 || token !== undefined || isRecorded || hasForeignTrace
  const response = isChanged ? respond({ request: { headers: requestHeaders } }) : respond()
  if (setCookies.length === 0) return response
  // The raw header: `response.cookies.set` would make Next treat an action of this request as one that set cookies.
  for (const setCookie of setCookies) response.headers.append('Set-Cookie', setCookie)
  response.headers.set('Cache-Control', 'private, no-store') // or a prerendered page is cached with the cookie
  return response
}

/** Browsers say that they fetch ahead; the headers of Next's own prefetches are gone here, see `proxy.ts`. */
function isVisit({ method, headers }: NextRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return (
    !headers.has('sec-purpose') &&
    headers.get('purpose') !== 'prefetch' &&
    headers.get('x-moz') !== 'prefetch'
  )
}

/** What a page may show of the session's surroundings. Nothing here is secret. */
export async function sessionStatus() {
  await connection() // each export waits for a request: a build has no secret, and would freeze what it reads
  const { store, cookie, limits } = getConfig()
  const value = (await cookies()).get(cookie.name)?.value
  return {
    store,
    /** Names the secret that seals and signs, and tells nothing of it. */
    keyId: open(getConfig()).keyring[0].id,
    cookieName: cookie.name,
    cookieAttributes: attributesFor(cookie, limits.absoluteMs),
    /** Name and value as the browser counts them; 0 without a cookie. */
    cookieBytes: value === undefined ? 0 : cookie.name.length + value.length,
    cookieLimitBytes: COOKIE_LIMIT_BYTES,
    idleSeconds: limits.idleMs / 1000,
    absoluteSeconds: limits.absoluteMs / 1000,
    touchSeconds: limits.touchMs / 1000,
    avoidTouch: limits.avoidTouch,
  }
}

/**
 * For a page that shows what just happened. `action` is the form or Server Action before this page, of the last
 * minute; `visit` is this request, the proxy's part of it first. Undefined unless SESSION_TRACE is on.
 */
export async function sessionTrace(): Promise<{ action?: RequestTrace; visit?: RequestTrace } | undefined> {
  await connection()
  const own = (await getSession()).trace()
  if (!own) return undefined
  const request = await headers()
  if (isFollowedByPage(request)) return { action: own } // the page is rendered in the action's own request
  const config = getConfig()
  const { keyring } = open(config)
  const sent = await cookies()
  const token = sent.get(config.cookie.name)?.value
  const now = Date.now()
  const actionText = sent.get(traceCookieName(config.cookie))?.value
  const action = readTrace(actionText, keyring, { purpose: 'action', token, now })
  const touch = readTrace(request.get(TRACE_HEADER), keyring, { purpose: 'visit', token, now })
  const visit = touch
    ? { ...touch, steps: [...touch.steps, ...own.steps], events: [...touch.events, ...own.events] }
    : own
  return { ...(action && { action }), visit }
}

/** Ends every visitor's session. @throws {SessionUnsupportedError} where the store cannot; it names what can */
export async function destroyAllSessions(): Promise<void> {
  await connection()
  await open(getConfig()).store.destroyAll()
}

/**
 * Sessions that live, at most `limit` of them, for whoever may administer the app. It tells no token and no data.
 * @throws {SessionUnsupportedError} where the store cannot
 */
export async function listSessions(limit = 100): Promise<readonly ListedSession[]> {
  await connection()
  const { store } = open(getConfig())
  return (await store.list?.(limit)) ?? []
}

/** Ends the session of a `name` that `listSessions` gave. @throws {SessionUnsupportedError} where the store cannot */
export async function destroySession(name: string): Promise<void> {
  await connection()
  await open(getConfig()).store.end?.(name)
}

async function openRequestSession(request: Headers): Promise<Session<SessionData>> {
  const config = getConfig()
  warnIfCookieIsLost(config, request)
  const response = currentResponse()
  const sent = await cookies()
  const jar = requestJar(sent, request, response, config.cookie.name)
  await undosOf(firstDistinct(jar.tokens))
  const received = sent.get(config.cookie.name)?.value
  const record = createRecord()
  const context = createContext(jar, record, placeOf(request))
  const { cookie } = config
  const sendTrace = () => {
    if (!record || !jar.isWritable()) return
    const token = record.tokenAfter(received)
    const value = sealTrace(record.trace, context.keyring, { purpose: 'action', token })
    jar.set(traceCookieName(cookie), value, attributesFor(cookie, TRACE_LIFE_MS))
  }
  const session = await openSession<SessionData>({
    ...context,
    beforeWrite: turn,
    ...(isFollowedByPage(request) && { afterWrite: sendTrace }),
  })
  watchForLostCookies(session, jar, response)
  if (!config.production) {
    after(() => {
      const changes = session.unsavedChanges()
      if (changes.length > 0) reportEvent({ event: 'unsaved', changes })
      const writes = session.unawaitedWrites()
      if (writes.length > 0) reportEvent({ event: 'unawaited', writes })
    })
  }
  return session
}

/** What the proxy did, for the page of the same request. */
const TRACE_HEADER = 'x-session-trace'

function createRecord(): TraceRecorder | undefined {
  return getConfig().trace ? new TraceRecorder(Date.now()) : undefined
}

/**
 * A Server Action, or a form sent without JavaScript: what it did is told by the page that comes next. That page keeps
 * the content type of the form when Next asks itself for it, after an action that redirects, and only then accepts
 * `text/x-component`.
 */
function isFollowedByPage(request: Headers): boolean {
  if (request.has('next-action')) return true
  const isForm = request.get('content-type')?.startsWith('multipart/form-data') ?? false
  return isForm && !(request.get('accept') ?? '').startsWith('text/x-component')
}

function createContext(
  jar: CookieJar,
  record: TraceRecorder | undefined,
  place?: RequestPlace,
): SessionContext {
  const config = getConfig()
  const { cookie, limits, production } = config
  const { keyring, store } = open(config)
  const context = {
    store,
    jar,
    keyring,
    cookie,
    place,
    limits,
    now: Date.now,
    onEvent: reportEvent,
    pause,
    trace: !production,
    record,
  }
  return record ? record.watch(context) : context
}

let opened: { keyring: Keyring; store: SessionStore } | undefined

/** What the configuration gives once for all requests. Nothing is connected by it. */
function open(config: SessionConfig) {
  if (!opened) {
    const keyring = createKeyring(config.secrets, config.cookie.name)
    const warn = (message: string) => reportEvent({ event: 'warning', message })
    const store = lazyStore(config.store, () => openStore({ config, keyring, now: Date.now, warn }))
    opened = { keyring, store }
  }
  return opened
}

type CookieStore = Awaited<ReturnType<typeof cookies>>

interface RequestJar extends CookieJar {
  isWritable(): boolean
  /** What the browser sent as its session cookie. */
  readonly tokens: readonly string[]
  /** The last value of each cookie that was set. */
  readonly sent: ReadonlyMap<string, string>
}

function requestJar(
  cookieStore: CookieStore,
  request: Headers,
  response: NodeResponse | undefined,
  cookieName: string,
): RequestJar {
  const variants = new Map<string, string[]>()
  const sent = new Map<string, string>()
  const tokens = cookieValues(request.get('cookie'), cookieName)
  const wasWritable = refusalOf(cookieStore) === undefined

  function findRefusal(late: boolean): SessionReadOnlyError | undefined {
    const cause = refusalOf(cookieStore)
    // A client that went away before the response began is no reason: a save under its own token is kept.
    if (cause === undefined && !hasBegun(response)) return undefined
    return new SessionReadOnlyError(refusedPlace(cause === undefined), {
      late,
      ...(cause !== undefined && { cause }),
    })
  }

  function refusedPlace(isAllowedByNext: boolean): ReadOnlyPlace {
    if (isOver(response)) return 'response-sent'
    if (isAllowedByNext) return 'response-begun'
    if (wasWritable) return 'action-returned'
    return response === undefined ? 'render-or-after' : 'render'
  }

  function assertWritable(late = false): void {
    const refusal = findRefusal(late)
    if (refusal) throw refusal
  }

  return {
    tokens,
    sent,
    getAll(name) {
      const sentValues = cookieValues(request.get('cookie'), name)
      const current = cookieStore.get(name)?.value
      // Next keeps the last one of a name: another one was set in this request, by whatever part of the app.
      if (current !== sentValues.at(-1)) return current === undefined ? [] : [current]
      return sentValues
    },
    set(name, value, attributes) {
      assertWritable(true)
      const isNew = name === cookieName && value !== '' && !tokens.includes(value)
      if (isNew && isClientGone(response)) throw new SessionReadOnlyError('client-gone', { late: true })
      cookieStore.set(name, value, attributes)
      sent.set(name, value)
    },
    expireVariant(name, attributes) {
      assertWritable(true)
      // Next sends one cookie of a name. To a browser the spaces are no part of it (RFC 6265, section 5.2).
      const places = variants.get(name) ?? []
      const place = `${attributes.domain};${attributes.path}`
      if (!places.includes(place)) places.push(place)
      variants.set(name, places)
      cookieStore.set(`${name}${' '.repeat(places.indexOf(place) + 1)}`, '', attributes)
    },
    assertWritable: () => assertWritable(),
    isWritable: () => findRefusal(false) === undefined,
  }
}

/** Next tells only by refusing to set: this asks with a cookie whose name cannot be read, so none is ever set. */
function refusalOf(cookieStore: CookieStore): unknown {
  const asked = new Error('asked')
  const probe = {
    value: '',
    get name(): string {
      throw asked
    },
  }
  try {
    cookieStore.set(probe)
    return undefined
  } catch (error) {
    return error === asked ? undefined : error
  }
}

/**
 * A Route Handler that throws after a write, or calls `notFound()`, loses the cookies of the write: Next.js answers with
 * an error and nothing else. So does one whose client goes away first, as at a second click on the button of a form. The
 * browser keeps its old token, so that has to open the session again.
 */
function watchForLostCookies(
  session: Session<SessionData>,
  { sent, tokens }: RequestJar,
  response: NodeResponse | undefined,
): void {
  const takeBack = () => beginUndo(firstDistinct(tokens), session.cookiesLost())
  response?.once('finish', () => {
    if (response.statusCode < 400) return
    if ([...sent].some(([name, value]) => !carriesCookie(response, name, value))) takeBack()
  })
  response?.once('close', () => {
    if (sent.size > 0 && isClientGone(response)) takeBack()
  })
}

/** Collects the cookies to send, and shows them to the page of this same request. */
function proxyJar(requestHeaders: Headers, setCookies: string[]): CookieJar {
  return {
    getAll: (name) => cookieValues(requestHeaders.get('Cookie'), name),
    set(name, value, attributes) {
      requestHeaders.set('Cookie', withCookie(requestHeaders.get('Cookie'), name, value))
      setCookies.push(stringifySetCookie({ name, value, ...attributes }))
    },
    expireVariant: (name, attributes) =>
      void setCookies.push(stringifySetCookie({ name, value: '', ...attributes })),
    assertWritable() {},
  }
}

/** The page that the browser shows, as the Referer of a form or a fetch tells it; another site's has no part in this. */
function placeOf(request: Headers): RequestPlace {
  const host = askedHost(request)
  const referer = URL.parse(request.get('referer') ?? '')
  return {
    host: URL.parse(`http://${host}`)?.hostname,
    path: referer?.host === host ? referer.pathname : undefined,
  }
}

/** The host that the browser asked for, also where a proxy stands in front. */
function askedHost(request: Headers): string {
  return request.get('x-forwarded-host')?.split(',')[0]?.trim() || (request.get('host') ?? '')
}

const saidOnce = new Set<string>()

function warnOnce(subject: string, message: string): void {
  if (saidOnce.has(subject)) return
  saidOnce.add(subject)
  reportEvent({ event: 'warning', message })
}

/** What a browser drops without a word, so that sessions never seem to stick. */
function warnIfCookieIsLost({ cookie }: SessionConfig, request: Headers): void {
  const host = request.get('host') ?? ''
  const isLocal = /^(?:localhost|[\w.-]+\.localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host)
  if (cookie.secure && !isLocal && request.get('x-forwarded-proto') === 'http') {
    const remedy =
      'serve https, or let the proxy in front send X-Forwarded-Proto: https, or set SESSION_COOKIE_SECURE=false'
    warnOnce('http', `Secure session cookies over http at ${host} are dropped by browsers; ${remedy}`)
  }
  const asked = askedHost(request)
  if (asked !== '' && cookie.domain !== undefined && !isCookieDomainOf(asked, cookie.domain)) {
    const remedy =
      'set SESSION_COOKIE_DOMAIN to that host or a domain above it, or leave it out for this host only'
    warnOnce(
      'domain',
      `Session cookies for SESSION_COOKIE_DOMAIN=${cookie.domain} are dropped by browsers at ${asked}; ${remedy}`,
    )
  }
}
