import { connection } from 'next/server'
import { getSite } from '../site'
import type { ListedSession } from '../stores/abilities'

/** Ends every visitor's session. @throws {SessionUnsupportedError} where the store cannot; it names what can */
export async function destroyAllSessions(): Promise<void> {
  await connection()
  await getSite().store.destroyAll()
}

/**
 * Live sessions, at most `limit` of them, for those who may administer the app. It shows no token and no data.
 * @throws {SessionUnsupportedError} where the store cannot list them
 */
export async function listSessions(limit = 100): Promise<readonly ListedSession[]> {
  await connection()
  return getSite().store.list(limit)
}

/** Ends the session of a `name` that `listSessions` gave. @throws {SessionUnsupportedError} where the store cannot */
export async function destroySession(name: string): Promise<void> {
  await connection()
  await getSite().store.destroyNamed(name)
}
