import { around } from '../core/around'
import type { SessionContext } from '../core/context'
import type { CookieJar, CookieSettings } from '../core/cookies'
import { SessionError } from '../core/errors'
import type { SessionEvent } from '../core/events'
import type { SessionStore } from '../core/store'
import type { RequestTrace, SentCookie, StoreStep } from '../tracing'

const MOST_OPERATIONS = 8
const MOST_EVENTS = 4
const MOST_STEPS = 24
const CHARACTERS_SHOWN = 6

/** Records the trace of one request. The store and the jar of `watch` do what those of the given context do. */
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

  /** A write ended with an outcome or an error. */
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
    return around(store, (call, run) => (isStep(call) ? this.#step(call, run()) : run()))
  }

  async #step<T>(call: StoreStep['call'], result: Promise<T>): Promise<T> {
    const start = performance.now()
    let answer = ''
    try {
      const value = await result
      answer = answers[call](value as never)
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
      expireVariants: (name, scope) => jar.expireVariants(name, scope),
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

type Result<C extends StoreStep['call']> = Awaited<ReturnType<SessionStore[C]>>

/** What each call resolved to, in one word. */
const answers: { readonly [C in StoreStep['call']]: (result: Result<C>) => string } = {
  load: (found) => ('refused' in found ? found.refused : 'found'),
  create: () => 'stored',
  update: (result) => (typeof result === 'string' ? result : 'stored'),
  touch: (isExtended) => (isExtended ? 'extended' : 'gone'),
  destroy: (result) => (result === 'ok' ? 'removed' : result),
}

function isStep(call: string): call is StoreStep['call'] {
  return call in answers
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}

/** The code of a library error, such as `too-large`. The text of any other error may hold anything: it is left out. */
export function codeOf(error: unknown): string {
  return error instanceof SessionError ? error.code : 'failed'
}
