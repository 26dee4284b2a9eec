/**
 * The keys of *your* session and the types of their values. This file is yours to edit, and so is `on-event.ts`.
 * `session.get('visits')` is then `number | undefined`, and a misspelt key is a type error.
 */
export interface SessionData {
  visits: number
}

/**
 * The environment variables of *your* app whose names begin with `SESSION_`. The start reports other unknown names as
 * misspelt. It also checks the values of these: `boolean` is true or false; `secret` has at least 32 random characters, and
 * is not a secret of `SESSION_SECRET`.
 */
export const appVariables = {
  // SESSION_MY_SETTING: 'boolean',
  SESSION_DEMO_API: 'boolean', // app/(course)
  SESSION_ADMIN_TOKEN: 'secret', // app/(course)
} as const
