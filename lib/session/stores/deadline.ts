import { SessionStoreError } from '../core/errors'
import type { SessionRecord, SessionStore } from '../core/store'

/** Enough to look at very many sessions, and the most that SESSION_STORE_TIMEOUT_MS can be. */
const SURVEY_MS = 60_000

/**
 * The store, with a deadline on every call: a server that accepts and never answers is a `SessionStoreError` after
 * `timeoutMs`, not a hang. The call itself goes on; a write that was given up may still land, so nobody repeats it.
 */
export function withDeadline(store: SessionStore, timeoutMs: number): SessionStore {
  function limit<T>(operation: string, call: Promise<T>, ms = timeoutMs): Promise<T> {
    const deadline = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const variable = ms === timeoutMs ? ' (SESSION_STORE_TIMEOUT_MS)' : ''
      const cause = new Error(`no answer in ${ms} ms${variable}`)
      deadline.reject(new SessionStoreError(store.name, operation, { cause }))
    }, ms)
    return Promise.race([call, deadline.promise]).finally(() => clearTimeout(timer))
  }

  const { import: move, sweep, count, list, end, inspect, close } = store
  return {
    name: store.name,
    load: (token) => limit('load a session', store.load(token)),
    create: (record, expiresAt) => limit('create a session', store.create(record, expiresAt)),
    update: (token, record, expiresAt, version) =>
      limit('save a session', store.update(token, record, expiresAt, version)),
    touch: (token, expiresAt) => limit('touch a session', store.touch(token, expiresAt)),
    destroy: (token, version, mark) => limit('destroy a session', store.destroy(token, version, mark)),
    ...(move && {
      import: (token: string, record: SessionRecord, expiresAt: number) =>
        limit('move a session', move.call(store, token, record, expiresAt)),
    }),
    // They look at every session, and an operator waits for them.
    ...(count && { count: () => limit('count sessions', count.call(store), SURVEY_MS) }),
    ...(list && { list: (most: number) => limit('list sessions', list.call(store, most), SURVEY_MS) }),
    ...(end && { end: (key: string) => limit('end a session', end.call(store, key)) }),
    ...(inspect && { inspect: () => limit('be inspected', inspect.call(store), SURVEY_MS) }),
    // As long as they make headway: the clients of the servers give up a single command that is not answered.
    destroyAll: () => store.destroyAll(),
    ...(sweep && { sweep: (now: number, batch: number) => sweep.call(store, now, batch) }),
    ...(close && { close: () => close.call(store) }),
  }
}
