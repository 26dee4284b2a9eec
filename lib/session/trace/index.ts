import type { Watcher } from '../core/context'
import { noTracing, type Tracing } from '../tracing'
import { createCodeLines } from './code-lines'
import { codeOf, TraceRecorder } from './request-trace'
import { readTrace, sealTrace, TRACE_LIFE_MS } from './sealed-trace'

/** The request trace, and the lines of unsaved changes and unawaited writes. `site.ts` joins it to the library. */
export const tracing: Tracing = {
  watch(context, options) {
    const { trace, lines, afterWrite } = options
    if (!trace && !lines) return noTracing.watch(context, options) // production: nothing is watched at each request
    const recorder = trace ? new TraceRecorder(context.now()) : undefined
    const codeLines = lines ? createCodeLines() : undefined
    const watcher: Watcher = {
      ...codeLines,
      onOutcome(write, outcome) {
        recorder?.operation(write, typeof outcome === 'string' ? outcome : 'done')
        afterWrite?.()
      },
      onError(write, error) {
        recorder?.operation(write, codeOf(error))
        afterWrite?.()
      },
    }
    return {
      context: { ...(recorder?.watch(context) ?? context), watcher },
      trace: () => recorder?.trace,
      seal(purpose, received) {
        const binding = { purpose, token: recorder?.tokenAfter(received) }
        return recorder && sealTrace(recorder.trace, context.keyring, binding)
      },
      unawaitedWrites: () => codeLines?.unawaitedWrites() ?? [],
    }
  },
  cookieName: noTracing.cookieName,
  lifeMs: TRACE_LIFE_MS,
  read: readTrace,
}
