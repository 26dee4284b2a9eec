import { inspect } from 'node:util'
import type { Method, Watcher } from '../core/context'

export interface CodeLines extends Required<Omit<Watcher, 'onOutcome' | 'onError'>> {
  /** The writes that the application did not await. */
  unawaitedWrites(): { operation: string; at: string }[]
}

/**
 * Remembers the line of code that read and changed each key and called each write, so that development can name the line
 * of a change that was not saved. Costs a stack trace for each.
 */
export function createCodeLines(): CodeLines {
  const reads = new Map<string, Error>()
  const changes = new Map<string, Error>()
  const writes: { operation: string; place: Error; promise: Watched<unknown> }[] = []
  return {
    onRead(key, method) {
      if (!reads.has(key)) reads.set(key, stackBelow(method))
    },
    onChange(key, method) {
      changes.set(key, stackBelow(method))
    },
    onWrite<T>(operation: string, method: Method, result: Promise<T>) {
      const promise = new Watched<T>((resolve) => resolve(result))
      promise.ignoreRejection()
      writes.push({ operation, place: stackBelow(method), promise })
      return promise
    },
    lineOf(keyOrWrite) {
      const place =
        typeof keyOrWrite === 'string'
          ? (changes.get(keyOrWrite) ?? reads.get(keyOrWrite)) // a value changed in place has the line that read it
          : writes.find(({ promise }) => promise === keyOrWrite)?.place
      return place ? lineOf(place) : ''
    },
    unawaitedWrites: () =>
      writes
        .filter(({ promise }) => !promise.isAwaited)
        .map(({ operation, place }) => ({ operation, at: lineOf(place) })),
  }
}

/** A promise that knows whether `await`, `then` or `catch` was used on it: for a subclass all of them call `then`. */
class Watched<T> extends Promise<T> {
  static override get [Symbol.species]() {
    return Promise
  }

  isAwaited = false

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isAwaited = true
    return super.then(onFulfilled, onRejected)
  }

  /** Node.js ends the process at an unhandled rejection; without this class the session's queue handles it. */
  ignoreRejection(): void {
    super.then(undefined, () => {})
  }
}

function lineOf(error: Error): string {
  // Inspected, not `error.stack`: Next maps what it inspects back to the source.
  const frame = inspect(error, { colors: false }).match(/^\s+at (?:async )?(.+)$/m)?.[1] ?? ''
  return frame.match(/\((.+)\)$/)?.[1] ?? frame
}

function stackBelow(method: Method): Error {
  const error = new Error('called here')
  Error.captureStackTrace(error, method)
  return error
}
