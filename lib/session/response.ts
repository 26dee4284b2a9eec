import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'

/**
 * What Node.js shows of the response to a request. Next.js tells a Route Handler only whether cookies may be set in
 * handlers at all, not that the handler has returned and its cookies were collected. Where no Node.js server hands out
 * the response (some serverless platforms), the library knows nothing of it, and rejects no write because of it.
 */
export type NodeResponse = Pick<
  ServerResponse,
  'headersSent' | 'statusCode' | 'statusMessage' | 'writableFinished' | 'destroyed' | 'getHeader' | 'once'
>

const CURRENT = Symbol.for('sess.response')
const UNDOS = Symbol.for('sess.undos')
const globals = globalThis as {
  [CURRENT]?: AsyncLocalStorage<NodeResponse>
  [UNDOS]?: Map<string, Promise<void>>
}

/** Remembers the response of each request that begins from now on, once for each process. */
export function watchResponses(): void {
  if (globals[CURRENT]) return
  const current = new AsyncLocalStorage<NodeResponse>()
  globals[CURRENT] = current
  // Published before the server's own listener runs, so all that the request does inherits it.
  subscribe('http.server.request.start', (message) => {
    current.enterWith((message as { response: NodeResponse }).response)
  })
}

/** The response to the request that is being served; undefined where it is not known. */
export function currentResponse(): NodeResponse | undefined {
  return globals[CURRENT]?.getStore()
}

/**
 * Whether cookies set from now on come too late. A handler's response counts from the moment it was returned: Next.js
 * then copies status and headers, a status message among them, and sends them with the first piece of the body. Until
 * then Node.js has no status message.
 */
export function hasBegun(response: NodeResponse | undefined): boolean {
  return response !== undefined && (response.headersSent || typeof response.statusMessage === 'string')
}

/** Whether all of it was sent, or the client has gone. */
export function isOver(response: NodeResponse | undefined): boolean {
  return response !== undefined && (response.writableFinished || response.destroyed)
}

/** Whether the client went away before anything was sent to it. */
export function isClientGone(response: NodeResponse | undefined): boolean {
  return response?.destroyed === true && !response.headersSent
}

/** Whether a response that has begun carries this cookie. */
export function carriesCookie(response: NodeResponse, name: string, value: string): boolean {
  const header = response.getHeader('set-cookie') ?? []
  const lines = Array.isArray(header) ? header : [String(header)]
  return lines.some((line) => line.startsWith(`${name}=${encodeURIComponent(value)};`))
}

/**
 * Writes that are being taken back because their response left without its cookies, by the tokens that the browser has.
 * Its next request, in this process, waits for that.
 */
export function beginUndo(tokens: readonly string[], undo: Promise<void>): void {
  const undos = globals[UNDOS] ?? new Map<string, Promise<void>>()
  globals[UNDOS] = undos
  const done = undo.catch(() => {}) // it reports its own failure
  for (const token of tokens) {
    undos.set(token, done)
    done.then(() => undos.get(token) === done && undos.delete(token))
  }
}

/** Resolves when no write of these tokens is being taken back that had begun to be. */
export async function undosOf(tokens: readonly string[]): Promise<void> {
  const undos = globals[UNDOS]
  if (undos) await Promise.all(tokens.map((token) => undos.get(token)))
}
