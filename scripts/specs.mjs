// Which browser test runs on which store. A spec that is named nowhere here runs on the cookie store and on Redis: for
// the session, these two are the kinds of store that there are. docs/decisions/0037 says what each list leaves to which.
// @ts-check
import { STORES } from './stores.mjs'

/** @typedef {import('./stores.mjs').Store} Store */

/**
 * The stores of `npm test`. Redis stands for the stores on the server: it is the one that most apps use, it hangs, fails
 * and restarts as a server does, and a record of it expires by itself.
 * @type {readonly Store[]}
 */
export const MAIN_STORES = ['cookie', 'redis']

/** How the pages of the site look and are used, whatever a session does: in `npm run test:rest`, on the cookie store. */
const SITE = [
  'accessibility',
  'docs',
  'focus',
  'home',
  'inspector',
  'keyboard',
  'layout-shift',
  'life-bars',
  'security-headers',
  'size-meter',
  'theme',
]

/** What a visitor sees alike on every store, or what is decided before a store is opened: on the cookie store alone. */
const ON_COOKIE = [
  ...SITE,
  'configuration',
  'cookie',
  'cookies',
  'delete',
  'get',
  'identity',
  'late-writes',
  'no-javascript',
  'route-handler',
  'set',
  'what-just-happened',
  'why-sessions',
]

/** What one store on the server can do otherwise than another: on each. */
const ON_EVERY_STORE = [
  'choosing-a-store',
  'delete-all',
  'just-ended',
  'migrate-from',
  'regenerate',
  'save',
  'sessions',
  'time-limits',
  'two-tabs',
]

/** What Cache Components can change: pages that read the session, Suspense, actions, prefetches and late writes. */
export const CACHE_COMPONENTS_SPECS = [
  'avoid-touch',
  'delete-all',
  'get',
  'home',
  'late-writes',
  'layout-shift',
  'no-javascript',
  'regenerate',
  'save',
  'security-headers',
  'set',
  'touch',
  'what-just-happened',
].map((name) => `e2e/${name}.spec.ts`)

const glob = (/** @type {string} */ name) => `**/${name}.spec.ts`

/**
 * The specs of a store, as Playwright's `testMatch` and `testIgnore`.
 * @param {Store} store
 * @param {Record<string, string | undefined>} env E2E_APP_DIR: a copy of the app, with routes that no app should have;
 * E2E_NAMED_SPECS: files were named, and run on any store but those of another one; E2E_SITE: `true` runs the specs of the
 * site too, `alone` of the cookie store nothing else
 */
export function specsOf(store, { E2E_APP_DIR, E2E_NAMED_SPECS, E2E_SITE }) {
  const ignored = STORES.filter((other) => other !== store).map((other) => `${other}-store`)
  if (!E2E_APP_DIR) ignored.push('late-writes')
  if (store === 'redis' && !E2E_NAMED_SPECS) ignored.push(...ON_COOKIE)
  if (!E2E_APP_DIR && !E2E_NAMED_SPECS && !E2E_SITE) ignored.push(...SITE)
  const isMain = E2E_NAMED_SPECS || MAIN_STORES.includes(store)
  const own = store === 'cookie' ? SITE : [...ON_EVERY_STORE, `${store}-store`]
  return {
    testMatch: isMain && E2E_SITE !== 'alone' ? glob('*') : own.map(glob),
    testIgnore: ignored.map(glob),
  }
}

/**
 * The only store that a spec is about, by its name: `redis-store.spec.ts`, or one that runs on the cookie store alone.
 * @param {string} file a spec, or a part of its path
 * @returns {Store | undefined}
 */
export function onlyStoreOf(file) {
  const named = STORES.find((store) => new RegExp(`\\b${store}-store\\b`).test(file))
  const name = /([\w-]+)\.spec\.ts/.exec(file)?.[1] ?? ''
  return named ?? (ON_COOKIE.includes(name) ? 'cookie' : undefined)
}
