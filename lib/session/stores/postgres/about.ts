import type { StoreAbout } from '../about'
import { isPercentEncoded, parseUrl, redactUrl } from '../url'

export interface PostgresOptions {
  readonly kind: 'postgres'
  readonly url: string
}

export const about: StoreAbout<PostgresOptions> = {
  kind: 'postgres',
  name: 'database',
  label: 'PostgreSQL',
  hint: 'a table in your database; any number of servers',
  packages: ['drizzle-orm', 'pg'],
  typePackages: ['@types/pg'],
  sharedFolders: ['sql'],
  needsServer: true,
  variables: {
    DATABASE_URL: {
      rule: 'postgres:// and a server, or a Unix socket as in postgres://user:password@/name?host=/var/run/postgresql',
      example: 'postgres://user:password@localhost:5432/name',
      isValid: (text) => placeOf(text) !== undefined,
    },
  },
  url: { example: 'postgres://…', read: (url) => (placeOf(url) ? { kind: 'postgres', url } : undefined) },
  options: ({ DATABASE_URL: url = '' }) => ({ kind: 'postgres', url }),
  show: ({ url }) => ({ DATABASE_URL: redactUrl(url) }),
  place: ({ url }) => placeOf(url) ?? [url],
  open: () => import('./open'),
}

/**
 * Host, port and database as `pg` reads them (its pg-connection-string), which takes more than URLs: a user before an
 * empty host, `socket:/directory?db=name`, and `/directory name`. Undefined when `pg` would not understand it.
 */
function placeOf(text: string): [host: string, port: string, database: string] | undefined {
  const [, directory, name] = /^(\/\S+) (\S+)$/.exec(text) ?? []
  if (directory !== undefined && name !== undefined) return [withoutSlash(directory), '5432', name]
  if (!/^(?:postgres(?:ql)?:\/\/|socket:\/)./.test(text)) return undefined
  const url = parseUrl(text) ?? parseUrl(text.replace('@/', '@localhost/'))
  if (!url) return undefined
  const { hostname, pathname, searchParams } = url
  if (url.protocol === 'socket:')
    return [withoutSlash(decoded(pathname)), '5432', searchParams.get('db') ?? '']
  const host = searchParams.get('host') || decoded(hostname).toLowerCase() || 'localhost'
  const port = searchParams.get('port') || url.port || '5432'
  return [host.startsWith('/') ? withoutSlash(host) : host, port, decoded(pathname.slice(1))]
}

function withoutSlash(directory: string): string {
  return directory.replace(/(?<=.)\/+$/, '')
}

function decoded(text: string): string {
  return isPercentEncoded(text) ? decodeURIComponent(text) : text
}
