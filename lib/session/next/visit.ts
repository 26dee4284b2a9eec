import { stringifySetCookie } from 'cookie'
import { type NextRequest, NextResponse } from 'next/server'
import type { CookieJar } from '../core/cookies'
import { chooseToken, touchRequest } from '../core/visit'
import { getSite, tracing } from '../site'
import { contextOf } from './context'
import { cookieValues, withCookie, withLastCookie } from './cookie-header'
import { TRACE_HEADER } from './trace'

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
  const { trace, cookie, saveUninitialized, storeTimeoutMs } = getSite().config
  const watched = tracing.watch(contextOf(proxyJar(requestHeaders, setCookies)), { trace, lines: false })
  // A page that does not use the session waits for its touch no longer than this.
  const deadlineMs = Math.ceil(storeTimeoutMs / 8)
  const isTouched = isVisit(request)
  const token = await (isTouched
    ? touchRequest(watched.context, { saveUninitialized, deadlineMs })
    : chooseToken(watched.context, { deadlineMs }))
  if (token !== undefined)
    requestHeaders.set('Cookie', withLastCookie(requestHeaders.get('Cookie') ?? '', cookie.name, token))
  const received = token ?? request.cookies.get(cookie.name)?.value
  const hasSteps = isTouched && (watched.trace()?.steps.length ?? 0) > 0
  const ownTrace = hasSteps ? watched.seal('visit', received) : undefined
  if (ownTrace !== undefined) requestHeaders.set(TRACE_HEADER, ownTrace)
  const isChanged = setCookies.length > 0 || token !== undefined || ownTrace !== undefined || hasForeignTrace
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

/** Collects the cookies to send, and shows them to the page of this same request. */
function proxyJar(requestHeaders: Headers, setCookies: string[]): CookieJar {
  return {
    getAll: (name) => cookieValues(requestHeaders.get('Cookie'), name),
    set(name, value, attributes) {
      requestHeaders.set('Cookie', withCookie(requestHeaders.get('Cookie'), name, value))
      setCookies.push(stringifySetCookie({ name, value, ...attributes }))
    },
    expireVariants() {}, // a proxy saves only for a browser that sent no cookie
    assertWritable() {},
  }
}
