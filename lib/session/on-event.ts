import type { SessionEvent } from './core/events'

/**
 * What happens with the library's events: one line of JSON on the console. Edit this file to send them to your log
 * or metrics. An event never holds a token, a cookie value or session data. Must not throw.
 */
export function onEvent(event: SessionEvent): void {
  console.warn(JSON.stringify({ source: 'session', ...event }))
}
