const REQUIRED_NODE = [22, 13] as const

/** Runs once when the server starts. What cannot work stops it here, with every problem on one list. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs' || process.env.NEXT_PHASE === 'phase-production-build') return
  const problem = checkNode() ?? (await checkConfig())
  if (problem === undefined) return
  console.error(problem)
  process.exit(1) // a throw would let Next print Ready and answer 500 to everything
}

function checkNode(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [requiredMajor, requiredMinor] = REQUIRED_NODE
  if (major > requiredMajor || (major === requiredMajor && minor >= requiredMinor)) return undefined
  return `Node.js ${process.versions.node} is too old: this app needs ${REQUIRED_NODE.join('.')} or later.`
}

async function checkConfig(): Promise<string | undefined> {
  const { getConfig } = await import('./lib/session/config')
  const { SessionConfigError } = await import('./lib/session/errors')
  const { onEvent } = await import('./lib/session/on-event')
  try {
    const { warnings } = getConfig()
    for (const message of warnings) onEvent({ event: 'warning', message })
    return undefined
  } catch (error) {
    if (error instanceof SessionConfigError) return error.message
    throw error
  }
}
