import { type RawRequest, type RawResponse, sendRaw } from './raw'

/** What /api/session answers. */
export interface SessionView {
  id: string | null
  isNew: boolean
  data: Record<string, unknown>
  createdAt: string | null
  lastSeenAt: string | null
  expiresAt: string | null
  avoidTouch: boolean
  store: string
  outcome?: string
}

/**
 * A client that keeps cookies by name and nothing else: no Max-Age, no attributes, so it replays what a browser would
 * have dropped. Its cookies are open to the test, to lose, forge or copy.
 */
export class HttpVisitor {
  readonly #url: string
  readonly cookies: Map<string, string>

  constructor(server: { url: string }, cookies: Iterable<[string, string]> = []) {
    this.#url = server.url
    this.cookies = new Map(cookies)
  }

  /** The same cookies in another hand, at the same or at another server. */
  copy(server: { url: string } = { url: this.#url }): HttpVisitor {
    return new HttpVisitor(server, this.cookies)
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async send(path: string, request: RawRequest = {}): Promise<RawResponse> {
    const response = await sendRaw(`${this.#url}${path}`, {
      ...(this.cookies.size > 0 ? { cookie: this.cookieHeader } : {}),
      ...request,
    })
    for (const { name, value, maxAge } of response.setCookies) {
      if (maxAge === 0) this.cookies.delete(name)
      else this.cookies.set(name, value ?? '')
    }
    return response
  }

  async session(): Promise<SessionView> {
    return view(await this.send('/api/session'))
  }

  async patch(body: object): Promise<SessionView> {
    return view(await this.send('/api/session', { method: 'PATCH', body }))
  }

  async post(path: 'regenerate' | 'touch' | 'avoid-touch', body?: object): Promise<SessionView> {
    return view(await this.send(`/api/session/${path}`, { method: 'POST', body }))
  }

  /** Sends what is there and keeps nothing of the answer: a look from outside. */
  peek(): Promise<SessionView> {
    return this.copy().session()
  }
}

function view({ status, text }: RawResponse): SessionView {
  if (status !== 200) throw new Error(`/api/session answered ${status}: ${text}`)
  return JSON.parse(text) as SessionView
}
