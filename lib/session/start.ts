import { SessionConfigError } from './errors'
import { createKeyring } from './keys'
import { onEvent } from './on-event'

const REQUIRED_NODE = [22, 13] as const

/** What keeps sessions from working on this server, all of it in one text; undefined when nothing does. */
export async function findStartProblem(node = process.versions.node): Promise<string | undefined> {
  if (isTooOld(node)) return `Node.js ${node} is too old: sessions need ${REQUIRED_NODE.join('.')} or later.`
  const { getConfig } = await import('./config') // after the check: what it imports needs that Node
  try {
    const config = getConfig()
    for (const message of config.warnings) onEvent({ event: 'warning', message })
    const { findStoreProblem } = await import('./open-store')
    const problem = await findStoreProblem(config)
    if (problem !== undefined) throw new SessionConfigError([problem])
    return undefined
  } catch (error) {
    if (error instanceof SessionConfigError) return error.message
    throw error
  }
}

/** Sweeps the expired from now on, where the store needs it. Connects to nothing before the first sweep. */
export async function startSweeping(): Promise<void> {
  const { getConfig } = await import('./config')
  const { openStore } = await import('./open-store')
  const { startSweeper } = await import('./sweeper')
  const config = getConfig()
  const keyring = createKeyring(config.secrets, config.cookie.name)
  startSweeper({ store: await openStore({ config, keyring, now: Date.now }), now: Date.now, onEvent })
}

function isTooOld(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const [requiredMajor, requiredMinor] = REQUIRED_NODE
  return major < requiredMajor || (major === requiredMajor && minor < requiredMinor)
}
