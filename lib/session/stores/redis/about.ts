import type { StoreAbout } from '../about'
import { isPercentEncoded, redactUrl } from '../url'

export interface RedisOptions {
  readonly kind: 'redis'
  readonly url: string
}

export const about: StoreAbout<RedisOptions> = {
  kind: 'redis',
  name: 'redis',
  label: 'Redis',
  hint: 'fast; any number of servers; Valkey too; let it persist, or a restart signs everyone out',
  packages: ['@redis/client'],
  typePackages: [],
  needsServer: true,
  variables: {
    REDIS_URL: {
      rule: 'redis:// or, with TLS, rediss://',
      example: 'redis://localhost:6379',
      isValid: isRedisUrl,
    },
  },
  url: { example: 'redis://…', read: (url) => (isRedisUrl(url) ? { kind: 'redis', url } : undefined) },
  options: ({ REDIS_URL: url = '' }) => ({ kind: 'redis', url }),
  show: ({ url }) => ({ REDIS_URL: redactUrl(url) }),
  place({ url }) {
    // Not the user: two users of one server see the same keys.
    const { hostname, port, pathname } = new URL(url)
    return [hostname.toLowerCase(), port || '6379', pathname.replace(/^\/$/, '') || '/0']
  },
  open: () => import('./open'),
}

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/./.test(text) || !URL.canParse(text)) return false
  const { pathname, username, password } = new URL(text)
  return /^\/?\d*$/.test(pathname) && isPercentEncoded(username) && isPercentEncoded(password)
}
