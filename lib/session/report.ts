import type { SessionEvent } from './core/events'
import { onEvent } from './on-event'
import { reasonOf } from './stores/errors'

const WINDOW_MS = 1000

/** The events of one kind that were counted since its last line, and what reports them. */
interface Window {
  pending: number
  send: (count: number) => void
}

type Windows = Map<string, Window>

/** Calls back after so many milliseconds, and does not keep the process alive for it. */
type Later = (run: () => void, ms: number) => void

/**
 * Lets the first event of a kind through at once, counts those that follow, and reports them once a second as the last
 * of them with its `count`: anyone can send a million bad cookies, and a store that is down fails every request. The
 * counts of all lines add up to the number of events.
 */
export function limitEvents(
  onEvent: (event: SessionEvent) => void,
  windows: Windows = new Map(),
  later: Later = (run, ms) => void setTimeout(run, ms).unref(),
): (event: SessionEvent) => void {
  return (event) => {
    const kind = kindOf(event)
    if (kind === undefined) return onEvent(event)
    const window = windows.get(kind)
    if (!window) {
      openWindow(kind)
      return onEvent(event)
    }
    window.pending += 1
    window.send = (count) => {
      try {
        onEvent({ ...event, count })
      } catch (error) {
        console.error(error) // thrown in a timer it would end the process
      }
    }
  }

  function openWindow(kind: string): void {
    const window: Window = { pending: 0, send: () => {} }
    windows.set(kind, window)
    later(() => {
      windows.delete(kind)
      if (window.pending === 0) return
      openWindow(kind)
      window.send(window.pending)
    }, WINDOW_MS)
  }
}

/** Reports what was counted and not told yet, as the process ends. */
export function flushEvents(windows: Windows): void {
  for (const { pending, send } of windows.values()) if (pending > 0) send(pending)
  windows.clear()
}

/** Undefined: each is said. Only what visitors can bring about at will is counted. */
function kindOf(event: SessionEvent): string | undefined {
  if (event.event === 'warning' || event.event === 'unsaved' || event.event === 'unawaited') return undefined
  const detail = 'reason' in event ? event.reason : 'operation' in event ? event.operation : ''
  return `${event.event} ${detail}`
}

/** One count for the process: proxy, pages and routes each have their own instance of this module. */
const WINDOWS = Symbol.for('sess.events')
const globals = globalThis as { [WINDOWS]?: Windows }

function processWindows(): Windows {
  if (globals[WINDOWS]) return globals[WINDOWS]
  const windows: Windows = new Map()
  globals[WINDOWS] = windows
  process.once('exit', () => flushEvents(windows))
  return windows
}

/** `onEvent` of this app, with at most one line a second of each kind. */
export const reportEvent = limitEvents(onEvent, processWindows())

/**
 * Takes the errors of a failing store out of what Next prints, some 800 bytes for each request, and reports them as
 * counted events. Lines that the app itself prints stay as they are.
 */
export function countStoreErrors(
  report: (event: SessionEvent) => void = reportEvent,
  target: Pick<Console, 'error'> = console,
): void {
  const print = target.error.bind(target)
  target.error = (...line: unknown[]) => {
    const [sign, error] = line
    const isFromNext = line.length === 2 && typeof sign === 'string' && sign.includes('⨯')
    // By its name: the class belongs to another instance of this module.
    if (!isFromNext || !(error instanceof Error) || error.name !== 'SessionStoreError') return print(...line)
    report({ event: 'store-failed', message: `${error.message} ${reasonOf(error)}`.trim() })
  }
}
