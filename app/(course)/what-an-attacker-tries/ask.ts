/** The result of a request: the server knows the session, does not know it, failed, was too slow, or is unreachable. */
export type Answer = 'known' | 'unknown' | 'error' | 'slow' | 'none'

/** The development server compiles the route at its first request. On a slow machine that takes many seconds. */
export const ASK_LIMIT_MS = process.env.NODE_ENV === 'development' ? 60_000 : 5_000

/** Requests `url` with the attacker's Cookie header. `signal` ends the wait. */
export async function ask(url: string, cookie: string, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(url, { headers: { cookie }, cache: 'no-store', signal })
    if (!response.ok) return 'error'
    return (await response.json()).known ? 'known' : 'unknown'
  } catch (error) {
    return error instanceof DOMException && error.name === 'TimeoutError' ? 'slow' : 'none'
  }
}
