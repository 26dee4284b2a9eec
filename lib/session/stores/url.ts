import { fileURLToPath } from 'node:url'

/** The path of a `file:` URL; beside `file:///absolute` also `file:./relative`, as other tools write it. */
export function filePathOf(url: string): string | undefined {
  if (!url.startsWith('file:') || /[?#\0]/.test(url)) return undefined
  if (!url.startsWith('file://')) return url.slice('file:'.length) || undefined
  try {
    return fileURLToPath(url)
  } catch {
    return undefined // the file of another host
  }
}

/** `URL.parse`, which Node.js 20 does not have: `create-sess-app` runs there. */
export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

export function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** What stands in place of a secret wherever one is shown. */
export const HIDDEN = '***'
/** Parameters of a URL that say how a server is reached. Drivers also take passwords as parameters. */
const SHOWN_PARAMETERS = new Set(['host', 'port', 'sslmode', 'db'])

/** A URL without its password. A user name is shown only where it cannot be a password. */
export function redactUrl(text: string): string {
  // A URL for a Unix socket may have a user and no host; `URL` wants one, and `pg` does not.
  const url = parseUrl(text) ?? parseUrl(text.replace('@/', `@${NO_HOST}/`))
  if (!url || url.pathname.includes('@')) return text.includes('@') ? HIDDEN : text
  if (url.username !== '' && url.password === '' && !url.protocol.startsWith('postgres'))
    url.username = HIDDEN
  if (url.password !== '') url.password = HIDDEN
  for (const name of new Set(url.searchParams.keys())) {
    if (!SHOWN_PARAMETERS.has(name)) url.searchParams.set(name, HIDDEN)
  }
  return url.href.replace(`@${NO_HOST}/`, '@/')
}

const NO_HOST = 'no-host.invalid'
