import { onTestFinished } from 'vitest'
import { readConfig } from '@/lib/session/config/config'
import { createKeyring } from '@/lib/session/core/keys'
import { type OpenedStore, openStore } from '@/lib/session/stores/open'
import { createBackend, type Place, type TestBackend } from '../backends'

export { backendNames, type TestBackend } from '../backends'

/** A store as the app opens it: by the environment, with its deadlines, on the connection of this process. */
export function openStoreByEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  now: () => number,
  secret = SECRET,
): Promise<OpenedStore> {
  // As in the process that Vitest starts, whose cookie has another name than one in production.
  const config = readConfig({ ...env, NODE_ENV: 'test', SESSION_SECRET: secret })
  return openStore({ config, keyring: createKeyring(config.secrets, config.cookie.name), now })
}

/** The same for the running test, closed after it. */
export async function openTestStore(
  backend: Pick<TestBackend, 'env'>,
  now: () => number,
  secret?: string,
): Promise<OpenedStore> {
  const env = { SESSION_STORE_TIMEOUT_MS: '5000', ...backend.env }
  const store = await openStoreByEnvironment(env, now, secret)
  onTestFinished(() => store.close())
  return store
}

/** An empty backend for the running test, gone after it. */
export async function newBackend(name: string, place: Place = {}): Promise<TestBackend> {
  const backend = await createBackend(name, place)
  onTestFinished(backend.dispose)
  return backend
}

/** Of another app. */
export const OTHER_SECRET = 'dR1vTq8Zx0mWc5Jf7uYbKe2LhGs9PnAi4oV6tXCjE3M'

/** One for all processes of a test: a record opens under no other. */
export const SECRET = 'Qb7nYw3Kc9ZrTf1vLs5Jx8Pm2HgDu6Ae0oViXtCjN4M'
