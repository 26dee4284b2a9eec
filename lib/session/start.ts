import { countStoreErrors, reportEvent } from './report'
import { reasonOf, SessionConfigError } from './stores/errors'
import { createToken } from './stores/tokens'

const REQUIRED_NODE = [22, 13] as const

/** What keeps sessions from working on this server, all of it in one text; undefined when nothing does. */
export async function findStartProblem(node = process.versions.node): Promise<string | undefined> {
  if (isTooOld(node))
    return `Node.js ${node} is too old: sessions need ${REQUIRED_NODE.join('.')} or later. Install a newer one from https://nodejs.org, or let the app bring one for its npm scripts: npm install --save-dev --save-exact node@24`
  const { getConfig, storeContext } = await import('./site') // after the check: what it imports needs that Node
  try {
    const config = getConfig()
    for (const message of config.warnings) reportEvent({ event: 'warning', message })
    const { findStoreProblems } = await import('./stores/open')
    const problems = await findStoreProblems(storeContext(config))
    if (problems.length > 0) throw new SessionConfigError(problems)
    return undefined
  } catch (error) {
    if (error instanceof SessionConfigError) return error.message
    throw error
  }
}

/**
 * Sweeps the expired from now on, where the store needs it, and warns when the store does not answer yet. Nothing here
 * stops the server or makes it wait: the store may come up after it.
 */
export async function startStore(): Promise<void> {
  const { getConfig, storeContext } = await import('./site')
  const { openStore } = await import('./stores/open')
  const { startSweeper } = await import('./stores/sweeper')
  const { watchResponses } = await import('./response')
  watchResponses()
  const config = getConfig()
  if (config.production) countStoreErrors()
  const store = await openStore(storeContext(config))
  startSweeper({ store, now: Date.now, onEvent: reportEvent })
  store.load(createToken()).catch((error: Error) => {
    reportEvent({ event: 'warning', message: `${error.message} Requests will try again. ${reasonOf(error)}` })
  })
}

function isTooOld(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const [requiredMajor, requiredMinor] = REQUIRED_NODE
  return major < requiredMajor || (major === requiredMajor && minor < requiredMinor)
}
