import 'server-only'
import { setTimeout as pause } from 'node:timers/promises'
import { stringifySetCookie } from 'cookie'
import { cookies, headers } from 'next/headers'
import { after, connection, type NextRequest, NextResponse } from 'next/server'
import { getConfig, type SessionConfig } from './config'
import { cookieValues, withCookie, withLastCookie } from './cookie-header'
import {
  COOKIE_LIMIT_BYTES,
  type CookieJar,
  exchangeCookieName,
  liveAttributes,
  type RequestPlace,
} from './cookies'
import { SessionReadOnlyError } from './errors'
import { type Exchange, ExchangeRecord, readExchange, sealExchange } from './exchange'
import { createKeyring, type Keyring } from './keys'
import { lazyStore } from './lazy-store'
import type { SessionContext } from './live'
import { onEvent } from './on-event'
import { openStore } from './open-store'
import { openSession, type Session } from './session'
import type { SessionData } from './session-data'
import type { ListedSession, SessionStore } from './store'
import { chooseToken, touchRequest } from './touch-request'

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
  const setCookies: string[] = []
  const requestHeaders = new Headers(request.headers)
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
  const isRecorded = isTouched && record !== undefined && record.exchange.steps.length > 0
  if (isRecorded) requestHeaders.set(EXCHANGE_HEADER, sealExchange(record.exchange, context.keyring))
  const isChanged = setCookies.length > 0 || token !== undefined || isRecorded
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
  const { store, cookie, limits } = getConfig()
  const value = (await cookies()).get(cookie.name)?.value
  return {
    store,
    /** Names the secret that seals and signs, and tells nothing of it. */
    keyId: open(getConfig()).keyring[0].id,
    cookieName: cookie.name,
    cookieAttributes: liveAttributes(cookie, limits.absoluteMs),
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
export async function sessionExchange(): Promise<{ action?: Exchange; visit?: Exchange } | undefined> {
  const own = (await getSession()).exchange()
  if (!own) return undefined
  const request = await headers()
  if (isFollowedByPage(request)) return { action: own } // the page is rendered in the action's own request
  const config = getConfig()
  const { keyring } = open(config)
  const action = readExchange((await cookies()).get(exchangeCookieName(config.cookie))?.value, keyring)
  const touch = readExchange(request.get(EXCHANGE_HEADER), keyring)
  const visit = touch
    ? { ...touch, steps: [...touch.steps, ...own.steps], events: [...touch.events, ...own.events] }
    : own
  return { ...(action && { action }), visit }
}

/** Who may use the demo API. */
export function demoApiSettings() {
  const { demoApi, adminToken, production } = getConfig()
  return { enabled: demoApi, adminToken, development: !production }
}

/** Ends every visitor's session. @throws {SessionUnsupportedError} where the store cannot; it names what can */
export async function destroyAllSessions(): Promise<void> {
  await open(getConfig()).store.destroyAll()
}

/**
 * Sessions that live, at most `limit` of them, for whoever may administer the app. It tells no token and no data.
 * @throws {SessionUnsupportedError} where the store cannot
 */
export async function listSessions(limit = 100): Promise<readonly ListedSession[]> {
  const { store } = open(getConfig())
  return (await store.list?.(limit)) ?? []
}

/** Ends the session of a `key` that `listSessions` gave. @throws {SessionUnsupportedError} where the store cannot */
export async function endSession(key: string): Promise<void> {
  await open(getConfig()).store.end?.(key)
}

async function openRequestSession(request: Headers): Promise<Session<SessionData>> {
  const config = getConfig()
  warnOnceIfCookieIsLost(config, request)
  const jar = requestJar(await cookies(), request)
  const record = createRecord()
  const context = createContext(jar, record, placeOf(request))
  const { cookie } = config
  const sendExchange = () => {
    if (!record) return
    const value = sealExchange(record.exchange, context.keyring)
    jar.set(exchangeCookieName(cookie), value, liveAttributes(cookie, EXCHANGE_COOKIE_MS))
  }
  const session = await openSession<SessionData>({
    ...context,
    ...(isFollowedByPage(request) && { afterWrite: sendExchange }),
  })
  if (!config.production) {
    after(() => {
      const changes = session.unsavedChanges()
      if (changes.length > 0) onEvent({ event: 'unsaved', changes })
    })
  }
  return session
}

/** What the proxy did, for the page of the same request. */
const EXCHANGE_HEADER = 'x-session-exchange'

/** The next page is asked for within moments; after this, what happened is no longer what just happened. */
const EXCHANGE_COOKIE_MS = 60_000

function createRecord(): ExchangeRecord | undefined {
  return getConfig().trace ? new ExchangeRecord(Date.now()) : undefined
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
  record: ExchangeRecord | undefined,
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
    onEvent,
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
    const store = lazyStore(config.store, () => openStore({ config, keyring, now: Date.now }))
    opened = { keyring, store }
  }
  return opened
}

function requestJar(cookieStore: Awaited<ReturnType<typeof cookies>>, request: Headers): CookieJar {
  const variants = new Map<string, string[]>()
  return {
    getAll(name) {
      const sent = cookieValues(request.get('cookie'), name)
      const current = cookieStore.get(name)?.value
      // Next keeps the last one of a name: another one was set in this request, by whatever part of the app.
      if (current !== sent.at(-1)) return current === undefined ? [] : [current]
      return sent
    },
    set: (name, value, attributes) => void cookieStore.set(name, value, attributes),
    expireVariant(name, attributes) {
      // Next sends one cookie of a name. To a browser the spaces are no part of it (RFC 6265, section 5.2).
      const places = variants.get(name) ?? []
      const place = `${attributes.domain};${attributes.path}`
      if (!places.includes(place)) places.push(place)
      variants.set(name, places)
      cookieStore.set(`${name}${' '.repeat(places.indexOf(place) + 1)}`, '', attributes)
    },
    assertWritable() {
      // Next tells only by refusing to set: this asks with a cookie whose name cannot be read, so none is ever set.
      const asked = new Error('asked')
      const probe = {
        value: '',
        get name(): string {
          throw asked
        },
      }
      try {
        cookieStore.set(probe)
      } catch (error) {
        if (error !== asked) throw new SessionReadOnlyError({ cause: error })
      }
    },
  }
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
  const host = (request.get('x-forwarded-host') ?? request.get('host') ?? '').split(',')[0]?.trim() ?? ''
  const referer = URL.parse(request.get('referer') ?? '')
  return {
    host: URL.parse(`http://${host}`)?.hostname,
    path: referer?.host === host ? referer.pathname : undefined,
  }
}

let hasWarned = false

/** A browser drops a Secure cookie that comes over plain http, except from localhost: sessions never seem to stick. */
function warnOnceIfCookieIsLost(config: SessionConfig, request: Headers): void {
  const host = request.get('host') ?? ''
  const isLocal = /^(?:localhost|[\w.-]+\.localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host)
  if (hasWarned || !config.cookie.secure || isLocal || request.get('x-forwarded-proto') !== 'http') return
  hasWarned = true
  const remedy =
    'serve https, or let the proxy in front send X-Forwarded-Proto: https, or set SESSION_COOKIE_SECURE=false'
  onEvent({
    event: 'warning',
    message: `Secure session cookies over http at ${host} are dropped by browsers; ${remedy}`,
  })
}
