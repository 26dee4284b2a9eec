/**
 * The keys of *your* session and the types of their values. This file is yours to edit, and so is `on-event.ts`.
 * `session.get('visits')` is then `number | undefined`, and a misspelt key is a type error.
 */
export interface SessionData {
  visits: number
}
