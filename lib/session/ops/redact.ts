import type { AppVariables } from '../config/variables'
import { HIDDEN } from '../stores/url'

/**
 * Returns a function that hides secrets in texts that others wrote, such as the message of a driver: the secrets of this
 * environment, and the password in anything like a URL.
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
