import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { parseSetCookie, type SetCookie } from 'cookie'

/** No jar and no reused connection: what a test sends is exactly what goes out, and nothing is remembered. */
const freshConnections = new Agent({ keepAlive: false })

export interface RawRequest {
  method?: string
  /** The Cookie header, byte for byte. */
  cookie?: string
  headers?: Record<string, string>
  /** Sent as it is when a string, else as JSON. */
  body?: unknown
  /** Keeps connections open, for a test of many requests. */
  agent?: Agent
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
  { method = 'GET', cookie, headers = {}, body, agent = freshConnections }: RawRequest = {},
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

/**
 * The status of a GET whose Cookie header holds bytes that `node:http` refuses to send, such as a vertical tab. Line
 * breaks would end the header.
 */
export async function statusOfUnsendable(url: string, cookie: string): Promise<number> {
  const { hostname, port, pathname, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  const answered = once(socket, 'data')
  const lines = [
    `GET ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    `Cookie: ${cookie}`,
    '',
    '',
  ]
  socket.write(lines.join('\r\n'), 'latin1')
  try {
    const [start] = (await answered) as [Buffer]
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(start.toString('latin1'))?.[1])
  } finally {
    socket.destroy()
  }
}
