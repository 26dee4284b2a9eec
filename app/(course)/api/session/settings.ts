import { connection } from 'next/server'

/**
 * Who may use the demo API. `appVariables` in `lib/session/session-data.ts` names its two variables, so that the start
 * checks them: a value that the rules do not allow never gets here.
 */
export async function demoApiSettings() {
  await connection() // a build must not freeze what it reads
  const { NODE_ENV, SESSION_DEMO_API, SESSION_ADMIN_TOKEN } = process.env
  const development = NODE_ENV === 'development' || NODE_ENV === 'test'
  const demoApi = SESSION_DEMO_API?.trim() || String(development)
  return { enabled: demoApi === 'true', adminToken: SESSION_ADMIN_TOKEN?.trim() || undefined, development }
}
