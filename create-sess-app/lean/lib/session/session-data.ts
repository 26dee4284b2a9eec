/**
 * The keys of *your* session and the types of their values: the one file here that is meant to be edited.
 * `session.get('visits')` is then `number | undefined`, and a misspelt key is a type error.
 */
export interface SessionData {
  visits: number
}
