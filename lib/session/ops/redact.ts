import type { AppVariables } from '../config/config'

const HIDDEN = '***'
/** Parameters of a URL that say how a server is reached; drivers also take passwords there. */
const SHOWN_PARAMETERS = new Set(['host', 'port', 'sslmode', 'db'])

/** A URL without what opens its server. A user name is shown only where it is clear that it is no password. */
export function redactUrl(text: string): string {
  // A URL for a Unix socket may have a user and no host; `URL` wants one, and `pg` does not.
  const url = URL.parse(text) ?? URL.parse(text.replace('@/', `@${NO_HOST}/`))
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

/**
 * Takes secrets out of texts that others wrote, such as the message of a driver: those of this environment, and what
 * stands as a password in anything like a URL.
 */
export function createRedactor(
  env: Readonly<Record<string, string | undefined>>,
  appVariables: AppVariables = {},
): (text: string) => string {
  const own = Object.keys(appVariables).filter((name) => appVariables[name] === 'secret')
  const { SESSION_SECRET = '' } = env
  const secrets = [...SESSION_SECRET.split(','), ...own.map((name) => env[name] ?? '')]
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= 8)
    .sort((a, b) => b.length - a.length) // one may begin with another
  return (text) =>
    secrets
      .reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text)
      .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:@/"']*):[^\s"']*@/gi, `$1:${HIDDEN}@`)
      .replace(/((?:redis|rediss|memcached):\/\/)[^\s:@/"']+@/gi, `$1${HIDDEN}@`) // a lone name may be the password
      .replace(/([?&]\w*(?:pass|secret|token)\w*=)[^\s&"']*/gi, `$1${HIDDEN}`)
}
