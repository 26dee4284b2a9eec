/** What came of a request: who the server saw; or that it failed, is slow, or cannot be reached. */
export type Answer = 'known' | 'stranger' | 'error' | 'slow' | 'none'

/** A development server compiles the route at its first request, which takes many seconds on a slow machine. */
export const ASK_LIMIT_MS = process.env.NODE_ENV === 'development' ? 60_000 : 5_000

/** Asks `url` with the attacker's Cookie header. `signal` says how long to wait. */
export async function ask(url: string, cookie: string, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(url, { headers: { cookie }, cache: 'no-store', signal })
    if (!response.ok) return 'error'
    return (await response.json()).known ? 'known' : 'stranger'
  } catch (error) {
    return error instanceof DOMException && error.name === 'TimeoutError' ? 'slow' : 'none'
  }
}
