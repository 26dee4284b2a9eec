import {
  SessionConflictError,
  SessionStoreError,
  SessionTooLargeError,
  SessionUnsupportedError,
  SessionValueError,
} from '@/lib/session'
import { BodyTooLargeError, RequestError } from './body'

// What is one visitor's own must not stay in a cache that others share.
const headers = { 'Cache-Control': 'private, no-store', Vary: 'Cookie' }

export function json(body: object, status = 200): Response {
  return Response.json(body, { status, headers })
}

export function noContent(): Response {
  return new Response(null, { status: 204, headers })
}

export function problem(status: number, error: string, details: object = {}): Response {
  return json({ error, ...details }, status)
}

/** The answer to an expected error, or undefined: what is not expected is Next's to report, as a 500. */
export function responseTo(error: unknown): Response | undefined {
  if (error instanceof RequestError || error instanceof SessionValueError) return problem(400, error.message)
  if (error instanceof BodyTooLargeError) {
    const { message, bytes, limitBytes } = error
    return problem(413, message, { bytes, limitBytes })
  }
  if (error instanceof SessionConflictError) return problem(409, error.message)
  if (error instanceof SessionTooLargeError) {
    const { message, bytes, limitBytes, heaviestKeys } = error
    return problem(413, message, { bytes, limitBytes, heaviestKeys })
  }
  if (error instanceof SessionUnsupportedError) return problem(501, error.message)
  if (error instanceof SessionStoreError) return problem(503, error.message)
  return undefined
}
