/**
 * The keys of *your* session and the types of their values. This file is yours to edit, and so is `on-event.ts`.
 * `session.get('visits')` is then `number | undefined`, and a misspelt key is a type error.
 */
export interface SessionData {
  visits: number
}

/**
 * The app's own environment variables whose names begin with `SESSION_`, so that they pass for no misspelt settings. The
 * start checks them with the others: `boolean` is true or false; `secret` has at least 32 random characters, and is not
 * one of `SESSION_SECRET`. For example `{ SESSION_ADMIN_TOKEN: 'secret' }`.
 */
export const appVariables = {
  SESSION_DEMO_API: 'boolean', // app/(course)
  SESSION_ADMIN_TOKEN: 'secret', // app/(course)
} as const
