import { plainDomain } from '../config/domain'
import {
  type CookieAttributes,
  type CookieSettings,
  expiredAttributes,
  type VariantScope,
} from '../core/cookies'

/** Where the browser is, as far as the request shows. */
export interface RequestPlace {
  /** The host name it asked for, without the port. */
  readonly host?: string | undefined
  /** The path of the page that it shows. */
  readonly path?: string | undefined
}

/** With those of the touch cookie at most about 2.5 KB: a proxy in front often takes no more than 4 KB of headers. */
const MOST_VARIANTS = 12
const MOST_PATH_SEGMENTS = 3
const MOST_PATH_CHARACTERS = 64

/**
 * The attributes that make a browser drop the cookies which an earlier SESSION_COOKIE_DOMAIN or _PATH may have left
 * there under the same name: without a Domain, with this host and the domains above it (a browser ignores the one that
 * is a public suffix), with Path=/, the configured path, and the paths that lead to the page. The configured cookie
 * itself is not among them. At most 12, the likeliest first; none for a `__Host-` name, which a browser takes without a
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

/**
 * The paths of cookies that a page gets, shortest first; those with a slash at the end are other cookies, and come last.
 * A path with a comma is left out: Next.js splits the header of a Route Handler there, into a second cookie.
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
