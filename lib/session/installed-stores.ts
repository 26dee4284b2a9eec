import type { InstalledStores } from './openers/opener'

/**
 * The stores that this copy of `lib/session` has. One that is left out here needs neither its files nor its packages;
 * `npx create-sess-app add --store redis` puts one back.
 */
export const installedStores: InstalledStores = {
  cookie: () => import('./openers/cookie'),
  memory: () => import('./openers/memory'),
  file: () => import('./openers/file'),
  sqlite: () => import('./openers/sqlite'),
  postgres: () => import('./openers/postgres'),
  redis: () => import('./openers/redis'),
  memcached: () => import('./openers/memcached'),
}
