/**
 * Everything `lib/session` throws. An expected outcome (an unknown, forged or expired cookie; a session that
 * ended meanwhile) is a value, never an error; an error means misuse, bad configuration or a broken backend.
 */
export class SessionError extends Error {
  override readonly name: string = 'SessionError' // a literal in each class: a build may shorten class names
  /** Stable and made for machines; the message is made for people. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The environment does not describe a session that can work. `problems` holds one line for each variable. */
export class SessionConfigError extends SessionError {
  override readonly name = 'SessionConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super('config', `The session configuration has ${count(problems.length, 'problem')}:\n${list(problems)}`)
    this.problems = problems
  }
}

/** A value that no store can keep, refused before anything is stored. */
export class SessionValueError extends SessionError {
  override readonly name = 'SessionValueError'
  readonly key: string
  /** Where inside the value, such as `.items[0]`; empty for the value itself. */
  readonly path: string

  constructor(key: string, path: string, reason: string, options?: ErrorOptions) {
    super(
      'value',
      `Session key ${JSON.stringify(key)}${path === '' ? '' : ` at ${path}`} cannot be stored: ${reason}. ` +
        'Store plain data: JSON values, Date, Map, Set, BigInt, URL, RegExp, undefined, typed arrays.',
      options,
    )
    this.key = key
    this.path = path
  }
}

/** The record is larger than the store can keep. Nothing was stored or sent; the session is as it was. */
export class SessionTooLargeError extends SessionError {
  override readonly name = 'SessionTooLargeError'
  readonly bytes: number
  readonly limitBytes: number
  /** Largest first, at most three; bytes of the encoded value. */
  readonly heaviestKeys: readonly { key: string; bytes: number }[]

  constructor(bytes: number, limitBytes: number, heaviestKeys: readonly { key: string; bytes: number }[]) {
    const keys = heaviestKeys.map(({ key, bytes }) => `${JSON.stringify(key)} (${bytes} bytes)`).join(', ')
    super(
      'too-large',
      `The session needs ${bytes} bytes and the limit is ${limitBytes}. Heaviest keys: ${keys}. ` +
        'Keep less in the session, or choose a store on the server with SESSION_STORE.',
    )
    this.bytes = bytes
    this.limitBytes = limitBytes
    this.heaviestKeys = heaviestKeys
  }
}

/** Cookies cannot be written here, so nothing was stored either. */
export class SessionReadOnlyError extends SessionError {
  override readonly name = 'SessionReadOnlyError'

  constructor(options?: ErrorOptions) {
    super(
      'read-only',
      'The session cannot be changed here: cookies cannot be written while a Server Component renders. ' +
        'Call save(), destroy(), regenerate(), touch() and setAvoidTouch() in a Server Action or a Route Handler.',
      options,
    )
  }
}

/** Other requests kept changing the session; bounded retries did not get through. Nothing was stored. */
export class SessionConflictError extends SessionError {
  override readonly name = 'SessionConflictError'
  readonly attempts: number

  constructor(attempts: number) {
    super(
      'conflict',
      `The session changed during each of ${attempts} attempts to save it. Try the request again.`,
    )
    this.attempts = attempts
  }
}

/** The backend failed. The visitor's cookies are left alone, so that the session is there when it returns. */
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
