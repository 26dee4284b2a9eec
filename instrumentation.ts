/** Runs once when the server starts. */
export async function register(): Promise<void> {
  // In this form Next leaves the import out of what it builds for the edge runtime.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    if (process.env.NEXT_PHASE === 'phase-production-build') return // a build needs no secret
    const { findStartProblem, startStore } = await import('./lib/session/start')
    const problem = await findStartProblem()
    if (problem === undefined) return startStore()
    console.error(problem)
    process.exit(1) // a throw would let Next print Ready and answer 500 to everything
  }
}
