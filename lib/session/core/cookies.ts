/** Reads and writes the cookies of one request. A framework is joined to the library by one of these. */
export interface CookieJar {
  /**
   * Every value of this name, in the order sent: a browser keeps one cookie for each Domain and Path, and sends all that
   * fit. Where this request has set the cookie itself, that value alone.
   */
  getAll(name: string): readonly string[]
  /**
   * Sends a cookie with the response, in place of an earlier one of this name.
   * @throws {SessionReadOnlyError} with `late` when the response has begun since `assertWritable` was called
   */
  set(name: string, value: string, attributes: CookieAttributes): void
  /**
   * Makes the browser drop the cookies that an earlier SESSION_COOKIE_DOMAIN or _PATH left under this name. The cookie
   * of `set` stays, whichever is called first. @throws {SessionReadOnlyError} as `set` does
   */
  expireVariants(name: string, scope: VariantScope): void
  /** @throws {SessionReadOnlyError} when a cookie set now would not reach the browser */
  assertWritable(): void
}

/** Where variants of a cookie are looked for, besides the configured Domain and Path and the host of the request. */
export interface VariantScope {
  /** Also at the domains above this host. */
  readonly parentDomains: boolean
  /** Also at paths that do not lie below the configured one. */
  readonly anyPath: boolean
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

/** Browsers reject a cookie whose name and value together are longer (RFC 6265bis, section 5.7). */
export const COOKIE_LIMIT_BYTES = 4096

/** Chromium and RFC 6265bis cap Max-Age at 400 days. */
const MAX_AGE_LIMIT_SECONDS = 400 * 24 * 60 * 60

/** Further cookies of one name are ignored: each may cost a call of the store. */
const MOST_CANDIDATES = 4

/** The first different values, at most four of them. */
export function firstDistinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].slice(0, MOST_CANDIDATES)
}

export function touchCookieName(settings: CookieSettings): string {
  return `${settings.name}_touch`
}

/** The attributes of a cookie that has `lifetimeMs` milliseconds to live. */
export function attributesFor(settings: CookieSettings, lifetimeMs: number): CookieAttributes {
  if (!settings.persist) return attributes(settings)
  const seconds = Math.max(1, Math.ceil(lifetimeMs / 1000))
  return { ...attributes(settings), maxAge: Math.min(seconds, MAX_AGE_LIMIT_SECONDS) }
}

/** The attributes that make a browser drop the cookie: the same path, domain and prefix rules again. */
export function expiredAttributes(settings: CookieSettings): CookieAttributes {
  return { ...attributes(settings), maxAge: 0 }
}

function attributes({ secure, sameSite, path, domain }: CookieSettings): CookieAttributes {
  return { httpOnly: true, secure, sameSite, path, ...(domain === undefined ? {} : { domain }) }
}
