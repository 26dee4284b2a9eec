import { SessionStoreError, SessionUnsupportedError } from '../core/errors'
import type { SessionStore } from '../core/store'

/**
 * A store that is opened by its first call: a visitor without a cookie never waits for it, and a backend that cannot
 * be opened is a `SessionStoreError` of the call that needed it. The next call tries again.
 */
export function lazyStore(name: string, open: () => Promise<SessionStore>): SessionStore {
  let opened: Promise<SessionStore> | undefined

  async function store(): Promise<SessionStore> {
    opened ??= open()
    try {
      return await opened
    } catch (cause) {
      opened = undefined
      throw new SessionStoreError(name, 'open', { cause })
    }
  }

  function unlisted(): never {
    const remedy = name === 'cookie' ? 'They are in the browsers.' : 'Its server cannot tell which there are.'
    throw new SessionUnsupportedError(name, 'list sessions', remedy)
  }

  return {
    name,
    load: async (token) => (await store()).load(token),
    create: async (record, expiresAt) => (await store()).create(record, expiresAt),
    update: async (token, record, expiresAt, version) =>
      (await store()).update(token, record, expiresAt, version),
    touch: async (token, expiresAt) => (await store()).touch(token, expiresAt),
    destroy: async (token, version, mark) => (await store()).destroy(token, version, mark),
    destroyAll: async () => (await store()).destroyAll(),
    import: async (token, record, expiresAt) =>
      (await (await store()).import?.(token, record, expiresAt)) ?? 'conflict',
    async list(limit) {
      const opened = await store()
      return opened.list ? opened.list(limit) : unlisted()
    },
    async end(key) {
      const opened = await store()
      return opened.end ? opened.end(key) : unlisted()
    },
  }
}
