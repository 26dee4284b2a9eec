/** Reads and writes the cookies of one request. A framework is joined to the library by one of these. */
export interface CookieJar {
  get(name: string): string | undefined
  /** Sends a cookie with the response; a later call with the same name takes the place of an earlier one. */
  set(name: string, value: string, attributes: CookieAttributes): void
  /** @throws {SessionReadOnlyError} when a cookie set now would not reach the browser */
  assertWritable(): void
}

/** `Set-Cookie` attributes (RFC 6265, section 5.2). `maxAge` in seconds; without it the browser's session ends it. */
export interface CookieAttributes {
  readonly httpOnly: true
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly path: string
  readonly domain?: string
  readonly maxAge?: number
}

export interface CookieSettings {
  readonly name: string
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly path: string
  readonly domain: string | undefined
  /** False: no Max-Age, so the cookie goes when the browser closes. The server's limits hold either way. */
  readonly persist: boolean
}

/** Browsers refuse a cookie whose name and value are longer together (RFC 6265bis, section 5.7). */
export const COOKIE_LIMIT_BYTES = 4096

/** Chromium and RFC 6265bis cap Max-Age at 400 days. */
const MAX_AGE_LIMIT_SECONDS = 400 * 24 * 60 * 60

export function touchCookieName(settings: CookieSettings): string {
  return `${settings.name}_touch`
}

/** Tells the page after an action what that action did; only where SESSION_TRACE is on. */
export function exchangeCookieName(settings: CookieSettings): string {
  return `${settings.name}_exchange`
}

/** The attributes of a cookie that has `lifetimeMs` milliseconds to live. */
export function liveAttributes(settings: CookieSettings, lifetimeMs: number): CookieAttributes {
  if (!settings.persist) return attributes(settings)
  const seconds = Math.max(1, Math.ceil(lifetimeMs / 1000))
  return { ...attributes(settings), maxAge: Math.min(seconds, MAX_AGE_LIMIT_SECONDS) }
}

/** The attributes that make a browser drop the cookie: it wants the same path, domain and prefix rules again. */
export function expiredAttributes(settings: CookieSettings): CookieAttributes {
  return { ...attributes(settings), maxAge: 0 }
}

function attributes({ secure, sameSite, path, domain }: CookieSettings): CookieAttributes {
  return { httpOnly: true, secure, sameSite, path, ...(domain === undefined ? {} : { domain }) }
}

/** Whether a browser at this host (a port may follow) accepts a cookie of that domain: RFC 6265, section 5.1.3. */
export function isCookieDomainOf(host: string, domain: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const wanted = domain.replace(/^\./, '').toLowerCase()
  return name === wanted || (name.endsWith(`.${wanted}`) && !/^[\d.]+$/.test(name))
}
