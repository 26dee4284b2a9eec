/**
 * Everything `lib/session` throws. An expected outcome (an unknown, forged or expired cookie; a session that
 * ended meanwhile) is a value, never an error; an error means misuse, bad configuration or a store that fails.
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

/** A value that no store can keep, rejected before anything is stored. */
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

/** Where a write was rejected, and why no cookie can be set there. */
const READ_ONLY_PLACES = {
  render: 'a page renders (a Server Component, a layout or generateMetadata), and cannot set cookies',
  'render-or-after':
    'a page renders (a Server Component, a layout or generateMetadata), or this is after(): neither can set cookies',
  'action-returned':
    'the Server Action has returned. The page it shows, a stream it returned and a write it did not await cannot set cookies',
  'response-begun':
    'the Route Handler or Server Action has returned, and its response has begun. A stream in it and a write that was not awaited cannot set cookies',
  'response-sent': 'the response has been sent. after() and a write that was not awaited cannot set cookies',
  'client-gone': 'the browser has gone away before the response, so a new cookie cannot reach it',
} as const

/** `render-or-after`: the platform does not show which of the two it is. */
export type ReadOnlyPlace = keyof typeof READ_ONLY_PLACES

/**
 * Cookies cannot be written here. Nothing was stored either, unless `late`: then the cookie could be sent when the
 * write began and no longer when the store had answered. A store on the server may have the changes by then; a new
 * token was taken back, and the old one still opens the session.
 */
export class SessionReadOnlyError extends SessionError {
  override readonly name = 'SessionReadOnlyError'
  readonly place: ReadOnlyPlace
  readonly late: boolean

  constructor(
    place: ReadOnlyPlace = 'render',
    { late = false, ...options }: ErrorOptions & { readonly late?: boolean } = {},
  ) {
    super(
      'read-only',
      `${late ? 'The session was changed too late' : 'The session cannot be changed here'}: ` +
        `${READ_ONLY_PLACES[place]}. ${late ? 'No cookie was sent; the store may have the changes. ' : ''}` +
        'Await save(), destroy(), regenerate(), touch() and setAvoidTouch() in a Server Action or a Route Handler, ' +
        'before it returns.',
      options,
    )
    this.place = place
    this.late = late
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
