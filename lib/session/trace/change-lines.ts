import { inspect } from 'node:util'

/** Only its place on the stack matters. Every method is one: `never` asks nothing of its parameters. */
type Method = (...parameters: never) => unknown

/** The writes of one request in development: which of them nothing awaited. Switched off it does nothing. */
export class WriteTrace {
  readonly #writes: {
    readonly operation: string
    readonly place: Error
    readonly promise: Watched<unknown>
  }[] = []

  readonly #isOn: boolean

  constructor(isOn: boolean) {
    this.#isOn = isOn
  }

  /** The promise to hand out. `method` is the one that the application called. */
  watch<T>(operation: string, method: Method, promise: Promise<T>): Promise<T> {
    if (!this.#isOn) return promise
    const watched = new Watched<T>((resolve) => resolve(promise))
    watched.ignoreRejection()
    this.#writes.push({ operation, place: stackBelow(method), promise: watched })
    return watched
  }

  unawaited(): { operation: string; at: string }[] {
    return this.#writes
      .filter(({ promise }) => !promise.isAwaited)
      .map(({ operation, place }) => ({ operation, at: placeOf(place) }))
  }

  /** Where a write in progress was called; empty when unknown. */
  at(promise: Promise<unknown>): string {
    const write = this.#writes.find((each) => each.promise === promise)
    return write ? placeOf(write.place) : ''
  }
}

/** A promise that knows whether `await`, `then` or `catch` was ever used on it: for a subclass all of them call `then`. */
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

  /** Node.js ends the process when no one handles a rejection; a plain promise of a write is handled by its queue. */
  ignoreRejection(): void {
    super.then(undefined, () => {})
  }
}

/**
 * Where in the application's code each key was read and changed, so that development can name the line of a change
 * that was never saved. Switched off it does nothing.
 */
export class ChangeTrace {
  readonly #reads = new Map<string, Error>()
  readonly #changes = new Map<string, Error>()
  readonly #isOn: boolean

  constructor(isOn: boolean) {
    this.#isOn = isOn
  }

  /** `method` is the one that the application called: the stack begins with its caller. */
  read(key: string, method: Method): void {
    if (this.#isOn && !this.#reads.has(key)) this.#reads.set(key, stackBelow(method))
  }

  changed(key: string, method: Method): void {
    if (this.#isOn) this.#changes.set(key, stackBelow(method))
  }

  /** A place such as `app/cart/actions.ts:12:5`; empty when unknown. A value changed in place is where it was read. */
  at(key: string): string {
    const error = this.#changes.get(key) ?? this.#reads.get(key)
    return error ? placeOf(error) : ''
  }
}

function placeOf(error: Error): string {
  // Inspected, not `error.stack`: Next maps what it inspects back to the source.
  const frame = inspect(error, { colors: false }).match(/^\s+at (?:async )?(.+)$/m)?.[1] ?? ''
  return frame.match(/\((.+)\)$/)?.[1] ?? frame
}

function stackBelow(method: Method): Error {
  const error = new Error('changed here')
  Error.captureStackTrace(error, method)
  return error
}
