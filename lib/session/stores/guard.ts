import { around } from '../core/around'
import { SessionError } from '../core/errors'
import type { Adopting, SessionStore } from '../core/store'
import type { Inspectable, Listing } from './abilities'
import { SessionStoreError, SessionUnsupportedError } from './errors'

/** Enough to read very many sessions, and the most that SESSION_STORE_TIMEOUT_MS can be. */
const INSPECT_MS = 60_000

type StoreCall = Exclude<keyof (SessionStore & Adopting & Listing & Inspectable), 'name'>

/** What an error says of a call, and how long the call may take: as configured unless it says otherwise. */
const CALLS: Readonly<Record<StoreCall, readonly [operation: string, limitMs?: number]>> = {
  load: ['load a session'],
  create: ['create a session'],
  update: ['save a session'],
  touch: ['touch a session'],
  destroy: ['destroy a session'],
  adopt: ['adopt a session'],
  destroyNamed: ['end a session'],
  // These read every session, and an operator waits for them.
  count: ['count sessions', INSPECT_MS],
  list: ['list sessions', INSPECT_MS],
  inspect: ['be inspected', INSPECT_MS],
  // These take as long as they make progress: the clients of the servers give up a single command that is not answered.
  destroyAll: ["end everyone's sessions", Infinity],
  sweep: ['sweep', Infinity],
}

/**
 * The store as an app uses it. Whatever the backend throws is a `SessionStoreError`, and so is a call that takes longer
 * than `timeoutMs`: a server that accepts and never answers. The call itself goes on, and its write may still arrive, so
 * it must not be repeated.
 */
export function guardStore<S extends SessionStore>(store: S, timeoutMs: number): S {
  return around(store, async (call, run) => {
    const [operation, limitMs = timeoutMs] = CALLS[call as StoreCall]
    try {
      return await (limitMs === Infinity ? run() : within(limitMs, limitMs === timeoutMs, run()))
    } catch (cause) {
      throw cause instanceof SessionError ? cause : new SessionStoreError(store.name, operation, { cause })
    }
  })
}

function within<T>(limitMs: number, isConfigured: boolean, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const variable = isConfigured ? ' (SESSION_STORE_TIMEOUT_MS)' : ''
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${limitMs} ms${variable}`)), limitMs)
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}

export type LazyStore = SessionStore & Adopting & Listing

/**
 * A store that is opened by its first call: a visitor without a cookie never waits for it. A backend that cannot be opened
 * is a `SessionStoreError` of the call that needed it, and the next call tries again. Which abilities the store has is
 * known only then: without them, `adopt` returns `conflict`, and a list throws `SessionUnsupportedError`.
 */
export function lazyStore(name: string, open: () => Promise<SessionStore>): LazyStore {
  let opening: Promise<SessionStore> | undefined

  async function opened(): Promise<SessionStore> {
    opening ??= open()
    try {
      return await opening
    } catch (cause) {
      opening = undefined
      throw new SessionStoreError(name, 'open', { cause })
    }
  }

  const unlisted = async () => {
    const remedy = 'It does not know which there are; SESSION_STORE chooses one that does.'
    throw new SessionUnsupportedError(name, 'list sessions', remedy)
  }
  const always = async () => {
    throw new Error('every store has this method')
  }
  const withoutAbilities: LazyStore = {
    name,
    load: always,
    create: always,
    update: always,
    touch: always,
    destroy: always,
    destroyAll: always,
    adopt: async () => 'conflict',
    list: unlisted,
    destroyNamed: unlisted,
    count: unlisted,
  }
  return around(withoutAbilities, async (call, run) => {
    const store = await opened()
    return run(call in store ? store : withoutAbilities)
  })
}
