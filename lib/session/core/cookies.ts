/** Reads and writes the cookies of one request. A framework is joined to the library by one of these. */
export interface CookieJar {
  /**
   * Every value of this name, in the order sent: a browser keeps one cookie for each Domain and Path, and sends all that
   * fit. Where this request has set the cookie itself, that value alone.
   */
  getAll(name: string): readonly string[]
  /**
   * Sends a cookie with the response; a later call with the same name takes the place of an earlier one.
   * @throws {SessionReadOnlyError} with `late` when the response has begun since `assertWritable` was asked
   */
  set(name: string, value: string, attributes: CookieAttributes): void
  /**
   * Makes the browser drop the cookie that has this name and another Domain or Path than the one of `set`. What was
   * set stays, whichever is called first.
   */
  expireVariant(name: string, attributes: CookieAttributes): void
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

/** More cookies of one name are not looked at: each may cost a call of the store. */
const MOST_CANDIDATES = 4

/** The first different values, at most four of them. */
export function firstDistinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].slice(0, MOST_CANDIDATES)
}

/** Where the browser is, as far as the request tells. */
export interface RequestPlace {
  /** The host name it asked for, without the port. */
  readonly host?: string | undefined
  /** The path of the page that it shows. */
  readonly path?: string | undefined
}

/** Browsers refuse a cookie whose name and value are longer together (RFC 6265bis, section 5.7). */
export const COOKIE_LIMIT_BYTES = 4096

/** Chromium and RFC 6265bis cap Max-Age at 400 days. */
const MAX_AGE_LIMIT_SECONDS = 400 * 24 * 60 * 60

export function touchCookieName(settings: CookieSettings): string {
  return `${settings.name}_touch`
}

/** Tells the page after an action what that action did; only where SESSION_TRACE is on. */
export function traceCookieName(settings: CookieSettings): string {
  return `${settings.name}_trace`
}

/** The attributes of a cookie that has `lifetimeMs` milliseconds to live. */
export function attributesFor(settings: CookieSettings, lifetimeMs: number): CookieAttributes {
  if (!settings.persist) return attributes(settings)
  const seconds = Math.max(1, Math.ceil(lifetimeMs / 1000))
  return { ...attributes(settings), maxAge: Math.min(seconds, MAX_AGE_LIMIT_SECONDS) }
}

/** The attributes that make a browser drop the cookie: it wants the same path, domain and prefix rules again. */
export function expiredAttributes(settings: CookieSettings): CookieAttributes {
  return { ...attributes(settings), maxAge: 0 }
}

/** With those of the touch cookie at most about 2.5 KB: a proxy in front often takes no more than 4 KB of headers. */
const MOST_VARIANTS = 12
const MOST_PATH_SEGMENTS = 3
const MOST_PATH_CHARACTERS = 64

/** Which variants of a cookie are looked for besides those at the configured Domain and Path, and at this host. */
export interface VariantScope {
  /** Also at the domains above this host. */
  readonly parentDomains: boolean
  /** Also at paths that do not lie below the configured one. */
  readonly anyPath: boolean
}

/**
 * The attributes that make a browser drop the cookies which an earlier SESSION_COOKIE_DOMAIN or _PATH may have left
 * there under the same name: without a Domain, with this host and the domains above it (a browser ignores the one that
 * is a public suffix), with Path=/, the configured path, and the paths that lead to the page. The configured cookie
 * itself is none of them. At most 12, the likeliest first; none for a `__Host-` name, which a browser takes without a
 * Domain and with Path=/ only (RFC 6265bis, section 4.1.3).
 */
export function expiredVariants(
  settings: CookieSettings,
  place: RequestPlace,
  scope: VariantScope,
): readonly CookieAttributes[] {
  if (/^__Host-/i.test(settings.name)) return []
  const configured = settings.domain && plainDomain(settings.domain)
  const [host, ...parents] = domainsOf(place.host ?? '')
  const domains = new Set([undefined, configured, host, ...(scope.parentDomains ? parents : [])])
  const pagePaths = pathsTo(place.path ?? '/').filter((path) => scope.anyPath || isBelow(path, settings.path))
  const paths = new Set(['/', settings.path, ...pagePaths])
  const variants: CookieAttributes[] = []
  for (const path of paths) {
    for (const domain of domains) {
      if (path === settings.path && domain === configured) continue
      variants.push(expiredAttributes({ ...settings, path, domain }))
    }
  }
  return variants.slice(0, MOST_VARIANTS)
}

/** A host and the domains above it; none for an address, nor for a name such as localhost, which takes no Domain. */
function domainsOf(host: string): string[] {
  if (!/^(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/i.test(host)) return []
  const labels = plainDomain(host).split('.')
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
}

/** Browsers ignore a leading dot, and case. */
export function plainDomain(domain: string): string {
  return domain.replace(/^\./, '').toLowerCase()
}

/**
 * The paths of cookies that a page gets, shortest first; those with a slash at the end are other cookies, and come last.
 * A path with a comma is left out: Next.js takes the header of a Route Handler apart there, into a second cookie.
 */
function pathsTo(path: string): string[] {
  const segments = path.split('/').filter((segment) => segment !== '')
  const prefixes = segments
    .slice(0, MOST_PATH_SEGMENTS)
    .map((_, index) => `/${segments.slice(0, index + 1).join('/')}`)
    .filter(
      (prefix) => prefix.length <= MOST_PATH_CHARACTERS && /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/.test(prefix),
    )
  return [...prefixes, ...prefixes.map((prefix) => `${prefix}/`)]
}

/** Whether `path` lies below the path of a cookie (RFC 6265, section 5.1.4). */
function isBelow(path: string, parent: string): boolean {
  return path.startsWith(parent.endsWith('/') ? parent : `${parent}/`)
}

function attributes({ secure, sameSite, path, domain }: CookieSettings): CookieAttributes {
  return { httpOnly: true, secure, sameSite, path, ...(domain === undefined ? {} : { domain }) }
}

/** Whether a browser at this host (a port may follow) accepts a cookie of that domain: RFC 6265, section 5.1.3. */
export function isCookieDomainOf(host: string, domain: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const wanted = plainDomain(domain)
  return name === wanted || (name.endsWith(`.${wanted}`) && !/^[\d.]+$/.test(name))
}
