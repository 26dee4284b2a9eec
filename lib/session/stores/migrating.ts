import type { LoadedRecord, Saved, SessionRecord, SessionStore } from '../core/store'
import { type Adopting, canAdopt } from '../core/store'
import { canInspect, canList, type Inspectable, type Listing } from './abilities'

export interface MigratingStoreOptions {
  /** Where sessions live from now on. */
  readonly to: SessionStore
  /** Where they come from. */
  readonly from: SessionStore
}

/** Lists where both stores can. */
type MigratingStore = SessionStore & Adopting & Inspectable & Partial<Listing>

/** A version, and which of the two stores made it. */
class Held {
  readonly by: SessionStore
  readonly version: unknown

  constructor(by: SessionStore, version: unknown) {
    this.by = by
    this.version = version
  }
}

/**
 * A store that replaces another one while every session stays open. It loads from the old store what the new one does not
 * have. A session moves at its first save: under its own token where both stores can adopt, and the old record is
 * destroyed only if no other request saved to it meanwhile. A touch goes to the store that holds the session. To roll
 * back, let the two change places.
 *
 * During a migration, a copied cookie of an old cookie store still opens what was sealed in it, as it did before.
 */
export function createMigratingStore({ to, from }: MigratingStoreOptions): MigratingStore {
  function heldBy(holder: SessionStore, { record, version, expiresAt }: LoadedRecord): LoadedRecord {
    return { record, version: new Held(holder, version), expiresAt }
  }

  return {
    name: to.name,

    async load(token) {
      const found = await to.load(token)
      if (!('refused' in found)) return heldBy(to, found)
      // Expired, forged, sealed under a lost secret: it was the new store's, so the old store is not asked.
      if (found.refused !== 'unknown' && found.refused !== 'malformed') return found
      const old = await from.load(token)
      if (!('refused' in old)) return heldBy(from, old)
      if (old.refused === 'malformed') return found
      if (old.refused !== 'unknown' || found.refused === 'malformed') return old
      const moved = await to.load(token) // another request may have moved it between the two looks
      return 'refused' in moved ? moved : heldBy(to, moved)
    },

    create: async (record, expiresAt) => savedBy(to, await to.create(record, expiresAt)),

    async update(token, record, expiresAt, version) {
      const held = version instanceof Held ? version : new Held(to, version)
      if (held.by === to) return savedBy(to, await to.update(token, record, expiresAt, held.version))
      // First into the new store: a crash in between leaves two copies, of which the new one counts, and never none.
      const adopted = await adopt(token, record, expiresAt)
      if (adopted === 'conflict') return adopted // another request has just moved it
      // Under the same token the session goes on. Under another one a late request has to find the old one ended.
      const how = adopted.token === token || !canAdopt(from) ? 'unmarked' : undefined
      const destroyed = await from.destroy(token, held.version, how)
      if (destroyed === 'ok') return savedBy(to, adopted)
      await to.destroy(adopted.token, undefined, 'unmarked')
      return 'conflict'
    },

    async touch(token, expiresAt) {
      const touch = (store: SessionStore) => store.touch(token, expiresAt)
      return (await touch(to)) || (await touch(from)) || touch(to) // it may move between the two looks
    },

    async destroy(token, version, mark) {
      const held = version instanceof Held ? version : new Held(to, version)
      if (held.by === from) return from.destroy(token, held.version, mark)
      if (version === undefined || !(await isAlsoIn(from, token, held.version))) {
        await from.destroy(token, undefined, mark) // a copy that a crash left behind would come back to life
      }
      return to.destroy(token, held.version, mark)
    },

    async adopt(token, record, expiresAt) {
      const store = canAdopt(to) ? to : from
      return canAdopt(store) ? savedBy(store, await store.adopt(token, record, expiresAt)) : 'conflict'
    },

    async destroyAll() {
      try {
        await from.destroyAll() // first: a session that moves is dead in the one or is met in the other
      } finally {
        await to.destroyAll()
      }
    },

    async sweep(now, limit) {
      const removed = (await to.sweep?.(now, limit)) ?? 0
      return removed + ((removed < limit && (await from.sweep?.(now, limit - removed))) || 0)
    },

    ...(canList(to) && canList(from) && listBoth(to, from)),

    async inspect() {
      const findings = await Promise.all(
        [to, from].map((store) => (canInspect(store) ? store.inspect() : [])),
      )
      return findings.flat()
    },
  }

  /**
   * Whether a store has this very record: two lists of memcached servers overlap, and two names can lead to one server.
   * A version is a nonce, so a copy never has the same one.
   */
  async function isAlsoIn(store: SessionStore, token: string, version: unknown): Promise<boolean> {
    const found = await store.load(token)
    return !('refused' in found) && found.version === version
  }

  /** Under the same token where both stores have tokens of one kind. `conflict`: it is there already. */
  async function adopt(token: string, record: SessionRecord, expiresAt: number): Promise<Saved | 'conflict'> {
    return canAdopt(to) && canAdopt(from) ? to.adopt(token, record, expiresAt) : to.create(record, expiresAt)
  }
}

function listBoth(to: Listing, from: Listing): Listing {
  return {
    async list(limit) {
      const listed = await to.list(limit)
      return [...listed, ...(await from.list(limit - listed.length))]
    },
    async destroyNamed(name) {
      await Promise.all([to.destroyNamed(name), from.destroyNamed(name)])
    },
    async count() {
      const [one, other] = await Promise.all([to.count(), from.count()])
      return { live: one.live + other.live, expired: one.expired + other.expired }
    },
  }
}

function savedBy<T extends Saved | 'conflict' | 'gone'>(store: SessionStore, saved: T): T {
  return typeof saved === 'object' ? { ...saved, version: new Held(store, saved.version) } : saved
}
