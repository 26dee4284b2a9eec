import { SessionError } from '../core/errors'

/**
 * The environment does not describe a session that can work. `problems` holds one line for each variable; `warnings`
 * settings that work but may be wrong, and may be the cause.
 */
export class SessionConfigError extends SessionError {
  override readonly name = 'SessionConfigError'
  readonly problems: readonly string[]
  readonly warnings: readonly string[]

  constructor(problems: readonly string[], warnings: readonly string[] = []) {
    const also = warnings.length === 0 ? '' : `\nand ${count(warnings.length, 'warning')}:\n${list(warnings)}`
    super(
      'config',
      `The session configuration has ${count(problems.length, 'problem')}:\n${list(problems)}${also}`,
    )
    this.problems = problems
    this.warnings = warnings
  }
}

/** The record is larger than the store keeps. Nothing was stored or sent; the session is as it was. */
export class SessionTooLargeError extends SessionError {
  override readonly name = 'SessionTooLargeError'
  readonly bytes: number
  readonly limitBytes: number
  /** Largest first, at most three; bytes of the encoded value. */
  readonly heaviestKeys: readonly { key: string; bytes: number }[]

  constructor(
    bytes: number,
    limitBytes: number,
    heaviestKeys: readonly { key: string; bytes: number }[],
    /** What to do beside keeping less in the session. */
    remedy = 'choose a store on the server with SESSION_STORE',
  ) {
    const keys = heaviestKeys.map(({ key, bytes }) => `${JSON.stringify(key)} (${bytes} bytes)`).join(', ')
    super(
      'too-large',
      `The session needs ${bytes} bytes and the limit is ${limitBytes}. Heaviest keys: ${keys}. ` +
        `Keep less in the session, or ${remedy}.`,
    )
    this.bytes = bytes
    this.limitBytes = limitBytes
    this.heaviestKeys = heaviestKeys
  }
}

/** The backend failed. The visitor's cookies are left alone, so that they work again when it is back. */
export class SessionStoreError extends SessionError {
  override readonly name = 'SessionStoreError'
  readonly store: string
  readonly operation: string

  constructor(store: string, operation: string, options?: ErrorOptions) {
    super('store', `The session store "${store}" failed to ${operation}.`, options)
    this.store = store
    this.operation = operation
  }
}

/** The store cannot do this at all; the message names what can. */
export class SessionUnsupportedError extends SessionError {
  override readonly name = 'SessionUnsupportedError'
  readonly store: string
  readonly operation: string

  constructor(store: string, operation: string, remedy: string) {
    super('unsupported', `The session store "${store}" cannot ${operation}. ${remedy}`)
    this.store = store
    this.operation = operation
  }
}

/** The message of what caused an error, for logs and operators; empty when there is no cause. */
export function reasonOf(error: Error): string {
  const { cause } = error
  if (cause instanceof AggregateError && cause.message === '')
    return cause.errors.map((each) => (each instanceof Error ? each.message : String(each))).join('; ')
  return cause instanceof Error ? cause.message : ''
}

function count(n: number, noun: string): string {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `  - ${line}`).join('\n')
}
