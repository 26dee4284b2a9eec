import type { StoreAbout } from '../about'

export interface MemcachedOptions {
  readonly kind: 'memcached'
  /** `host:port` each, in alphabetical order. */
  readonly servers: readonly string[]
}

export const about: StoreAbout<MemcachedOptions> = {
  kind: 'memcached',
  name: 'memcached',
  label: 'memcached',
  hint: 'fast; forgets sessions at a restart and when memory is short',
  packages: ['memcache-client'],
  typePackages: [],
  mayForget: true,
  needsServer: true,
  variables: {
    MEMCACHED_SERVERS: {
      rule: 'host:port, several as in cache1.internal:11211,cache2.internal:11211 (a server with an IPv6 address goes by its name)',
      example: 'localhost:11211',
      isValid: (text) => serversIn(text) !== undefined,
    },
  },
  url: {
    example: 'memcached://host:port',
    read(url) {
      const servers = serversIn(/^memcached:\/\/(.*)$/.exec(url)?.[1] ?? '')
      return servers && { kind: 'memcached', servers }
    },
  },
  options: ({ MEMCACHED_SERVERS = '' }) => ({
    kind: 'memcached',
    servers: serversIn(MEMCACHED_SERVERS) ?? [],
  }),
  show: ({ servers }) => ({ MEMCACHED_SERVERS: servers.join(',') }),
  place: ({ servers }) => servers,
  open: () => import('./open'),
}

const DEFAULT_PORT = 11211

/** Sorted, for the order of the list has no meaning. No IPv6 addresses: the client cannot take them. */
function serversIn(list: string): string[] | undefined {
  const servers = list.split(',').map((server) => {
    const match = server
      .trim()
      .toLowerCase()
      .match(/^([a-z0-9._-]+)(?::(\d{1,5}))?$/)
    const port = Number(match?.[2] ?? DEFAULT_PORT)
    return match && port > 0 && port < 65_536 ? `${match[1]}:${port}` : undefined
  })
  return servers.some((server) => server === undefined) ? undefined : [...new Set(servers as string[])].sort()
}
