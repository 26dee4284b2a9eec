import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { parseSetCookie, type SetCookie } from 'cookie'

/** No jar and no reused connection: what a test sends is exactly what goes out, and nothing is remembered. */
const agent = new Agent({ keepAlive: false })

export interface RawRequest {
  method?: string
  /** The Cookie header, byte for byte. */
  cookie?: string
  headers?: Record<string, string>
  /** Sent as it is when a string, else as JSON. */
  body?: unknown
}

export interface RawResponse {
  status: number
  headers: IncomingHttpHeaders
  /** Every Set-Cookie header, in order, also two for one name. */
  setCookies: SetCookie[]
  text: string
}

export function sendRaw(
  url: string,
  { method = 'GET', cookie, headers = {}, body }: RawRequest = {},
): Promise<RawResponse> {
  const isJson = body !== undefined && typeof body !== 'string'
  const payload = isJson ? JSON.stringify(body) : body
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        agent,
        method,
        headers: {
          ...(cookie === undefined ? {} : { cookie }),
          ...(isJson ? { 'content-type': 'application/json' } : {}),
          // Node leaves the length out for methods that seldom have a body, and the server would misread what follows.
          ...(payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }),
          ...headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            setCookies: (incoming.headers['set-cookie'] ?? []).map((line) => parseSetCookie(line)),
            text: Buffer.concat(chunks).toString('utf8'),
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}
