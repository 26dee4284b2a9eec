import type { CookieAttributes, CookieJar, CookieSettings } from '../core/cookies'
import { SessionError } from '../core/errors'
import type { SessionEvent } from '../core/events'
import { isSigned, type Keyring, sign } from '../core/keys'
import type { SessionContext } from '../core/load'
import type { SessionStore } from '../core/store'

/** What one request did with the session: what was asked of it, what the store did, which cookies went out. */
export interface RequestTrace {
  /** When it began, epoch milliseconds. */
  readonly at: number
  /** The same on the clock of the process (`performance.now`), to hold requests of one process beside each other. */
  readonly begin: number
  /** The first writes that the application asked for, each with its outcome or the code of its error. */
  readonly operations: readonly { readonly name: string; readonly outcome: string }[]
  readonly steps: readonly StoreStep[]
  /** How many more calls of the store there were than `steps` holds. */
  readonly moreSteps: number
  readonly cookies: readonly SentCookie[]
  /** The first events: why a cookie was refused, that a save was merged. */
  readonly events: readonly SessionEvent[]
}

/** One call of the store. */
export interface StoreStep {
  readonly call: 'load' | 'create' | 'update' | 'touch' | 'destroy'
  /** What it answered: `found` or why not, `stored`, `conflict`, `gone`, `moved`, `forgotten`, or an error's code. */
  readonly answer: string
  /** Milliseconds from the beginning of the request to the call. */
  readonly after: number
  /** How long it took, milliseconds. */
  readonly ms: number
}

/** One Set-Cookie. */
export interface SentCookie {
  readonly name: string
  /** Its first characters; never the whole. */
  readonly start: string
  /** Name and value, as the browser counts them. */
  readonly bytes: number
  readonly attributes: CookieAttributes
}

const MOST_OPERATIONS = 8
const MOST_EVENTS = 4
const MOST_STEPS = 24
const CHARACTERS_SHOWN = 6

/**
 * Keeps the account of one request. It measures what goes by and changes nothing: the store and the jar of `watch`
 * answer as those they stand before.
 */
export class TraceRecorder {
  readonly #operations: { name: string; outcome: string }[] = []
  readonly #steps: StoreStep[] = []
  readonly #events: SessionEvent[] = []
  readonly #cookies = new Map<string, SentCookie>()
  readonly #begin = rounded(performance.now())
  readonly #at: number
  #sentToken: string | undefined
  #calls = 0

  constructor(at: number) {
    this.#at = at
  }

  watch(context: SessionContext): SessionContext {
    return {
      ...context,
      store: this.#watchStore(context.store),
      jar: this.#watchJar(context.jar, context.cookie),
      onEvent: (event) => {
        if (this.#events.length < MOST_EVENTS) this.#events.push(event)
        context.onEvent(event)
      },
    }
  }

  /** An operation of the session ended. */
  operation(name: string, outcome: string): void {
    if (this.#operations.length < MOST_OPERATIONS) this.#operations.push({ name, outcome })
  }

  /** All that has happened so far. */
  get trace(): RequestTrace {
    return {
      at: this.#at,
      begin: this.#begin,
      operations: [...this.#operations],
      steps: [...this.#steps],
      moreSteps: this.#calls - this.#steps.length,
      cookies: [...this.#cookies.values()],
      events: [...this.#events],
    }
  }

  /** The token that the browser holds after this request, which came with `received`; empty when it holds none. */
  tokenAfter(received: string | undefined): string {
    return this.#sentToken ?? received ?? ''
  }

  #watchStore(store: SessionStore): SessionStore {
    return {
      ...store,
      load: (token) =>
        this.#step('load', store.load(token), (found) => ('refused' in found ? found.refused : 'found')),
      create: (record, expiresAt) => this.#step('create', store.create(record, expiresAt), () => 'stored'),
      update: (token, record, expiresAt, version) =>
        this.#step('update', store.update(token, record, expiresAt, version), (result) =>
          typeof result === 'string' ? result : 'stored',
        ),
      touch: (token, expiresAt) =>
        this.#step('touch', store.touch(token, expiresAt), (isMoved) => (isMoved ? 'moved' : 'gone')),
      destroy: (token, version, mark) =>
        this.#step('destroy', store.destroy(token, version, mark), (result) =>
          result === 'ok' ? 'forgotten' : result,
        ),
    }
  }

  async #step<T>(call: StoreStep['call'], result: Promise<T>, answerOf: (value: T) => string): Promise<T> {
    const start = performance.now()
    let answer = ''
    try {
      const value = await result
      answer = answerOf(value)
      return value
    } catch (error) {
      answer = codeOf(error)
      throw error
    } finally {
      this.#calls += 1
      const [after, ms] = [rounded(start - this.#begin), rounded(performance.now() - start)]
      if (this.#steps.length < MOST_STEPS) this.#steps.push({ call, answer, after, ms })
    }
  }

  #watchJar(jar: CookieJar, own: CookieSettings): CookieJar {
    return {
      getAll: (name) => jar.getAll(name),
      expireVariant: (name, attributes) => jar.expireVariant(name, attributes),
      assertWritable: () => jar.assertWritable(),
      set: (name, value, attributes) => {
        jar.set(name, value, attributes)
        const isOwn = name === own.name && attributes.path === own.path && attributes.domain === own.domain
        if (isOwn) this.#sentToken = value
        const start = value.slice(0, CHARACTERS_SHOWN)
        this.#cookies.set(name, { name, start, bytes: name.length + value.length, attributes })
      },
    }
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}

/** The code of a library error, such as `too-large`; the text of any other may hold anything, and stays away. */
export function codeOf(error: unknown): string {
  return error instanceof SessionError ? error.code : 'failed'
}

/** What an account is good for: one browser, one way, one minute. */
export interface TraceBinding {
  /** `action` travels in the cookie to the next page, `visit` in the header to the page of the same request. */
  readonly purpose: 'action' | 'visit'
  /** The session's token that the browser holds; undefined or empty when it holds none. */
  readonly token: string | undefined
}

/** The next page is asked for within moments; after this, what happened is no longer what just happened. */
export const TRACE_LIFE_MS = 60_000

/** An account as text for a cookie or a header, signed: whoever shows it shows what this server wrote. */
export function sealTrace(trace: RequestTrace, keyring: Keyring, binding: TraceBinding): string {
  const text = Buffer.from(JSON.stringify(trace)).toString('base64url')
  return `${text}.${sign(bound(text, binding), keyring[0].touchKey)}`
}

/** The account of a text; undefined when it is missing, another server's or browser's, or older than a minute. */
export function readTrace(
  sealed: string | null | undefined,
  keyring: Keyring,
  { now, ...binding }: TraceBinding & { readonly now: number },
): RequestTrace | undefined {
  const [text = '', mac = '', ...rest] = sealed?.split('.') ?? []
  const keys = keyring.map(({ touchKey }) => touchKey)
  if (rest.length > 0 || !isSigned(bound(text, binding), mac, keys)) return undefined
  const trace = parse(text)
  return trace && Math.abs(now - trace.at) <= TRACE_LIFE_MS ? trace : undefined
}

/**
 * What touch cookies sign has no colon: neither passes for the other. Its number goes up when `RequestTrace` changes. The
 * token counts whole: a client can send any text that begins with a known public id.
 */
function bound(text: string, { purpose, token }: TraceBinding): string {
  return `trace 1 ${purpose} ${token || 'none'}:${text}`
}

/** Another version of the app may have signed something else with the same secret: that is no account, and no error. */
function parse(text: string): RequestTrace | undefined {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString()) as RequestTrace | null
    const lists = [value?.operations, value?.steps, value?.cookies, value?.events]
    return lists.every(Array.isArray) && Number.isFinite(value?.at) ? (value as RequestTrace) : undefined
  } catch {
    return undefined
  }
}
