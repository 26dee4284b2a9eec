import { inspect } from 'node:util'

/** Only its place on the stack matters. Every method is one: `never` asks nothing of its parameters. */
type Method = (...parameters: never) => unknown

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
    if (!error) return ''
    // Inspected, not `error.stack`: Next maps what it inspects back to the source.
    const frame = inspect(error, { colors: false }).match(/^\s+at (?:async )?(.+)$/m)?.[1] ?? ''
    return frame.match(/\((.+)\)$/)?.[1] ?? frame
  }
}

function stackBelow(method: Method): Error {
  const error = new Error('changed here')
  Error.captureStackTrace(error, method)
  return error
}
