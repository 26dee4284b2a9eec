/**
 * The Cookie header of a request, as text. Pairs are told apart exactly as Next.js does it: they end at `;` and the
 * spaces after it, a name ends at the first `=`, and no other whitespace is trimmed. Split in any other way, a cookie
 * with a name such as U+00A0 and ours, which a sibling subdomain can set, would become ours.
 */

/** Separator or pair: every character of the header is in one of the parts, so that they join to what they came from. */
const PARTS = /; *|[^;]+/g

/**
 * The values of one name, in the order sent (RFC 6265, section 5.4: longer paths first, then the older ones). A value
 * whose percent signs do not decode is left out, as Next.js leaves it out.
 */
export function cookieValues(header: string | null, name: string): string[] {
  return (header?.match(PARTS) ?? []).flatMap((part) => {
    if (nameOf(part) !== name) return []
    const value = part === name ? 'true' : decoded(part.slice(name.length + 1)) // Next's value for a name alone
    return value === undefined ? [] : [value]
  })
}

/**
 * The header with another value for each cookie of this name, or with the cookie at its end when there is none. What
 * belongs to other cookies stays as it was, byte for byte.
 */
export function withCookie(header: string | null, name: string, value: string): string {
  const pair = `${name}=${encodeURIComponent(value)}`
  if (!header) return pair
  const parts = header.match(PARTS) ?? []
  if (!parts.some((part) => nameOf(part) === name)) return `${header}; ${pair}`
  return parts.map((part) => (nameOf(part) === name ? pair : part)).join('')
}

/**
 * The header with this value of the name as the last one, which is the one that Next.js reads where it keeps one cookie
 * of each name, as in a redirect after an action. What was sent is all there still, in its order.
 */
export function withLastCookie(header: string, name: string, value: string): string {
  if (cookieValues(header, name).at(-1) === value) return header
  return `${header}; ${name}=${encodeURIComponent(value)}`
}

/** Of a separator, none: no cookie of ours has an empty name. */
function nameOf(part: string): string {
  if (part.startsWith(';')) return ''
  const end = part.indexOf('=')
  return end === -1 ? part : part.slice(0, end)
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
