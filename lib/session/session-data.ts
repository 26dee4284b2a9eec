/**
 * The keys of *your* session and the types of their values. This file is yours to edit, and so is `on-event.ts`.
 * `session.get('visits')` is then `number | undefined`, and a misspelt key is a type error.
 * The keys below belong to the demo pages, one group for each page, and to the site around them; replace them with
 * your own.
 */
export interface SessionData {
  'site.theme': 'light' | 'dark'
  'why-sessions.name': string
  'get.visits': number
  'set.colour': string
  'save.note': string
  'save.filler': string
  'delete.first': string
  'delete.second': string
  'delete-all.name': string
  'avoid-touch.note': string
  'regenerate.greeting': string
  'route-handler.count': number
  'cookie.word': string
  'two-tabs.left': string
  'two-tabs.right': string
  'choosing-a-store.saves': number
  'what-an-attacker-tries.secret': string
}

/**
 * The app's own environment variables whose names begin with `SESSION_`, so that they pass for no misspelt settings. The
 * start checks them with the others: `boolean` is true or false; `secret` has at least 32 random characters, and is not
 * one of `SESSION_SECRET`. For example `{ SESSION_ADMIN_TOKEN: 'secret' }`.
 */
export const appVariables = { SESSION_DEMO_API: 'boolean', SESSION_ADMIN_TOKEN: 'secret' } as const
