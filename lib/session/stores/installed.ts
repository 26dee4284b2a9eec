import type { InstalledStores } from './opener'

/**
 * The stores that this copy of `lib/session` has. One that is left out here needs neither its files nor its packages;
 * `npx create-sess-app add --store redis` puts one back.
 */
export const installedStores: InstalledStores = {
  cookie: () => import('./cookie/open'),
  memory: () => import('./memory/open'),
  file: () => import('./file/open'),
  sqlite: () => import('./sqlite/open'),
  postgres: () => import('./postgres/open'),
  redis: () => import('./redis/open'),
  memcached: () => import('./memcached/open'),
}
