import { plainDomain } from '../config/domain'
import { type CookieSettings, firstDistinct } from '../core/cookies'
import type { Session } from '../core/session'
import { reportEvent } from '../report'
import { beginUndo, carriesCookie, isClientGone, type NodeResponse } from '../response'
import type { RequestJar } from './jar'

/**
 * A Route Handler that throws after a write, or calls `notFound()`, loses the cookies of the write: Next.js sends only an
 * error. So does a handler whose client goes away first, as at a second click on the button of a form. The browser keeps
 * its old token, so that token has to open the session again.
 */
export function takeBackLostCookies(
  session: Pick<Session<object>, 'cookiesLost'>,
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

/** Warns of cookies that a browser drops without an error, so that no session lasts longer than a request. */
export function warnIfCookieIsLost(cookie: CookieSettings, request: Headers): void {
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

/** The host that the browser asked for, also behind a proxy. */
export function askedHost(request: Headers): string {
  return request.get('x-forwarded-host')?.split(',')[0]?.trim() || (request.get('host') ?? '')
}

/** Whether a browser at this host (a port may follow) accepts a cookie of that domain: RFC 6265, section 5.1.3. */
function isCookieDomainOf(host: string, domain: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const wanted = plainDomain(domain)
  return name === wanted || (name.endsWith(`.${wanted}`) && !/^[\d.]+$/.test(name))
}

const warned = new Set<string>()

function warnOnce(subject: string, message: string): void {
  if (warned.has(subject)) return
  warned.add(subject)
  reportEvent({ event: 'warning', message })
}
