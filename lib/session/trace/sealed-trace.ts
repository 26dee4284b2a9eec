import { isSigned, type Keyring, sign } from '../core/keys'
import type { RequestTrace, TraceBinding } from '../tracing'

/** Long enough for the page that follows the action. */
export const TRACE_LIFE_MS = 60_000

/** The trace as text for a cookie or a header, signed, so that a page shows only what this server wrote. */
export function sealTrace(trace: RequestTrace, keyring: Keyring, binding: TraceBinding): string {
  const text = Buffer.from(JSON.stringify(trace)).toString('base64url')
  return `${text}.${sign(bound(text, binding), keyring[0].touchKey)}`
}

/** The trace of a text; undefined when it is missing, another server's or browser's, or older than a minute. */
export function readTrace(
  sealed: string | null | undefined,
  keyring: Keyring,
  { now, ...binding }: TraceBinding & { readonly now: number },
): RequestTrace | undefined {
  const [text = '', mac = '', ...rest] = sealed?.split('.') ?? []
  const keys = keyring.map(({ touchKey }) => touchKey)
  if (rest.length > 0 || !isSigned(bound(text, binding), mac, keys)) return undefined
  const trace = parse(text)
  return trace && Math.abs(now - trace.at) <= TRACE_LIFE_MS ? trace : undefined
}

/**
 * The text that is signed. A touch cookie signs none with a colon, so neither passes for the other. The number goes up
 * when `RequestTrace` changes. The whole token counts: a client can send any text that begins with a known public id.
 */
function bound(text: string, { purpose, token }: TraceBinding): string {
  return `trace 1 ${purpose} ${token || 'none'}:${text}`
}

/** Undefined for what another version of the app signed with the same secret. */
function parse(text: string): RequestTrace | undefined {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString()) as RequestTrace | null
    const lists = [value?.operations, value?.steps, value?.cookies, value?.events]
    return lists.every(Array.isArray) && Number.isFinite(value?.at) ? (value as RequestTrace) : undefined
  } catch {
    return undefined
  }
}
