import { createHash } from 'node:crypto'
import { join } from 'node:path'

export type Environment = Record<string, string>

export type ServerEnvironment = Environment & { NODE_ENV: 'production' }

/** What a developer or CI may set to run the whole suite on another store or with other limits. */
const PASSED_ON = /^(SESSION_|DATABASE_URL$|REDIS_URL$|MEMCACHED_SERVERS$)/

/**
 * The variables of a server under test, weakest first: what every test expects, what the caller's shell says about
 * sessions, what this test asks for.
 */
export function serverEnvironment(shell: NodeJS.ProcessEnv, wanted: Environment): ServerEnvironment {
  const inherited = Object.entries(shell).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const system = inherited.filter(([name]) => !PASSED_ON.test(name) && name !== 'FORCE_COLOR')
  const sessions = inherited.filter(([name]) => PASSED_ON.test(name))
  const environment: ServerEnvironment = {
    ...Object.fromEntries(system),
    NEXT_TELEMETRY_DISABLED: '1',
    NO_COLOR: '1',
    // Next takes this as "the env files are loaded": a developer's .env.local has no say in the tests.
    __NEXT_PROCESSED_ENV: 'true',
    SESSION_DEMO_API: 'true',
    ...Object.fromEntries(sessions),
    ...wanted,
    NODE_ENV: 'production',
  }
  if (environment.SESSION_STORE === 'file') environment.SESSION_FILE_DIR = ownDirectory(environment)
  return environment
}

/**
 * Servers with one secret are one deployment and share their files. Any others must not: their clocks differ, and one
 * that is ahead would sweep away what still lives for the rest.
 */
function ownDirectory({ SESSION_FILE_DIR = 'data/e2e', SESSION_SECRET = '' }: Environment): string {
  return join(SESSION_FILE_DIR, createHash('sha256').update(SESSION_SECRET).digest('hex').slice(0, 16))
}
