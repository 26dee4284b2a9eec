import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { namedServer, SERVERS, type Store, serversOf, variableOf } from '@/scripts/stores.mjs'

export type Environment = Record<string, string>

/** NODE_ENV is `production` unless a test asks for another. */
export type ServerEnvironment = Environment & { NODE_ENV: 'production' }

/** What a developer or CI may set, to run the whole suite with other limits. */
const PASSED_ON = /^(SESSION_|DATABASE_URL$|REDIS_URL$|MEMCACHED_SERVERS$)/

/** Where servers under test keep files: a folder of this run, see `data-folder.ts`. */
export const DATA_VARIABLE = 'E2E_DATA_DIR'

/**
 * The variables of a server under test, weakest first: what every test expects, what the caller's shell says about
 * sessions, the store that the suite runs on, what this test asks for.
 * @throws when the store needs a server that nobody has named
 */
export function serverEnvironment(
  shell: NodeJS.ProcessEnv,
  wanted: Environment,
  store: Store = 'cookie',
): ServerEnvironment {
  const inherited = Object.entries(shell).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const system = inherited.filter(([name]) => !PASSED_ON.test(name) && name !== 'FORCE_COLOR')
  const sessions = inherited.filter(([name]) => PASSED_ON.test(name))
  return {
    ...Object.fromEntries(system),
    NEXT_TELEMETRY_DISABLED: '1',
    NO_COLOR: '1',
    // Next takes this as "the env files are loaded": a developer's .env.local has no say in the tests.
    __NEXT_PROCESSED_ENV: 'true',
    SESSION_DEMO_API: 'true',
    SESSION_TRACE: 'true',
    SESSION_STORE_TIMEOUT_MS: '16000', // a busy machine is no fault; a visit's touch has an eighth of it
    ...Object.fromEntries(sessions),
    ...storeEnvironment(shell, store, wanted.SESSION_SECRET ?? shell.SESSION_SECRET ?? ''),
    NODE_ENV: 'production',
    ...wanted,
  }
}

/**
 * Servers with one secret are one deployment and share their records. Any others must not: their clocks differ, and one
 * that is ahead would sweep away what still lives for the rest. So each secret has a directory, a database file and a
 * prefix of its own. Every place is named, whichever store runs, for a test that asks for a second store.
 */
function storeEnvironment(shell: NodeJS.ProcessEnv, store: Store, secret: string): Environment {
  const data = shell[DATA_VARIABLE] ?? shell.SESSION_FILE_DIR ?? 'data/e2e'
  // The folder too, so that two runs on one server are apart even where a test has a secret of its own choice.
  const deployment = createHash('sha256').update(`${data} ${secret}`).digest('hex').slice(0, 16)
  const servers = new Map(SERVERS.map((server) => [server, namedServer(server, shell)?.value]))
  const missing = serversOf([store]).find((server) => !servers.get(server))
  if (missing)
    throw new Error(
      `No ${missing} to test with: run "npm test", which brings one up, or set ${variableOf(missing)}.`,
    )
  return {
    SESSION_STORE: storeVariable(store),
    SESSION_PREFIX: `${shell.SESSION_PREFIX ?? 'e2e-'}${deployment}:`,
    // Where an app leaves the file store out, this is no setting, and the server would warn of it.
    ...(existsSync(join(process.cwd(), 'lib/session/stores/file'))
      ? { SESSION_FILE_DIR: join(shell.SESSION_FILE_DIR ?? data, deployment) }
      : {}),
    DATABASE_URL: (store === 'postgres' && servers.get('postgres')) || `file:${join(data, deployment)}.db`,
    REDIS_URL: servers.get('redis') ?? '',
    MEMCACHED_SERVERS: servers.get('memcached') ?? '',
  }
}

/** What SESSION_STORE and SESSION_MIGRATE_FROM call a store. */
export function storeVariable(store: Store): string {
  return store === 'sqlite' || store === 'postgres' ? 'database' : store
}
