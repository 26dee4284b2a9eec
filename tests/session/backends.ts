import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { readConfig } from '@/lib/session/config'
import { createKeyring } from '@/lib/session/keys'
import { openStore } from '@/lib/session/open-store'
import type { SessionStore } from '@/lib/session/store'
import { createBackend, type Place, type TestBackend } from '../backends'

export { backendNames, type TestBackend } from '../backends'

/** A store as the app opens it: by the environment, with its deadlines, on the connection of this process. */
export function openStoreByEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  now: () => number,
): Promise<SessionStore> {
  const config = readConfig({ ...env, SESSION_SECRET: SECRET })
  return openStore({ config, keyring: createKeyring(config.secrets, config.cookie.name), now })
}

/** The same for the running test, closed after it. */
export async function openTestStore(
  backend: Pick<TestBackend, 'env'>,
  now: () => number,
): Promise<SessionStore> {
  const store = await openStoreByEnvironment({ SESSION_STORE_TIMEOUT_MS: '5000', ...backend.env }, now)
  onTestFinished(() => store.close?.())
  return store
}

/** An empty backend for the running test, gone after it. */
export async function newBackend(name: string, place: Place = {}): Promise<TestBackend> {
  const backend = await createBackend(name, place)
  onTestFinished(backend.dispose)
  return backend
}

const SECRET = randomBytes(32).toString('base64url')
