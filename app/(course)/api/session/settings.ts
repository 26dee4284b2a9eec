import { connection } from 'next/server'

/**
 * Who may use the demo API. `appVariables` in `lib/session/session-data.ts` names its two variables, so that the start
 * checks them: a value that the rules do not allow never gets here.
 */
export async function demoApiSettings() {
  await connection() // a build must not freeze what it reads
  // Spelled out: Next puts the build's own mode in its place, so no variable of a server opens a production build.
  const development = process.env.NODE_ENV === 'development' || process.env.NODE_ENV === 'test'
  const { SESSION_DEMO_API, SESSION_ADMIN_TOKEN } = process.env
  const demoApi = SESSION_DEMO_API?.trim() || String(development)
  return { enabled: demoApi === 'true', adminToken: SESSION_ADMIN_TOKEN?.trim() || undefined, development }
}
