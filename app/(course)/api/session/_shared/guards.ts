import { createHash, timingSafeEqual } from 'node:crypto'
import { demoApiSettings } from '../settings'
import { problem, responseTo } from './responses'

type Handler = (request: Request) => Promise<Response>

/** A handler of the demo API: 404 where the API is off, and a response instead of a throw for expected errors. */
export function read(handler: Handler): Handler {
  return async (request) => {
    if (!(await demoApiSettings()).enabled) return problem(404, 'not found')
    try {
      return await handler(request)
    } catch (error) {
      const response = responseTo(error)
      if (response === undefined) throw error
      return response
    }
  }
}

/** The same for a handler that writes: 403 for a browser that was sent by another site. */
export function write(handler: Handler): Handler {
  return read(async (request) => {
    if (!isSameOrigin(request.headers)) return problem(403, 'writes from another origin are refused')
    return handler(request)
  })
}

/** Browsers send one of the two headers with every write; a client that sends neither, such as curl, acts for itself. */
export function isSameOrigin(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin' || site === 'none'
  const origin = headers.get('origin')
  return origin === null || (URL.canParse(origin) && new URL(origin).host === headers.get('host'))
}

/** Development, or the admin token, allows a client to end everyone's sessions. */
export async function mayDestroyAll(request: Request): Promise<boolean> {
  const { development, adminToken } = await demoApiSettings()
  if (development) return true
  const [, presented] = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
  return adminToken !== undefined && presented !== undefined && isSameSecret(presented, adminToken)
}

/** Compares digests, which have one length, in constant time. */
function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
