import { applyPatch, EMPTY_PATCH, type UpdateStep } from './changes'
import type { SessionContext, Write } from './context'
import { attributesFor, expiredAttributes, touchCookieName } from './cookies'
import { type PendingPatch, RequestCopy } from './copy'
import { SessionReadOnlyError } from './errors'
import { publicIdOf } from './keys'
import { type LoadedSession, liveOnes, type Opened, openFirst, sentTokens } from './load'
import { createRecord, reloadIfExpired, replaceToken, touchRecord, type Undo, updateRecord } from './save'
import type { EncodedData } from './store'
import { sendTouch } from './touch-cookie'

/**
 * `ended`: the session was destroyed or regenerated, or expired, before this request could write it. Nothing was stored,
 * no cookie was sent.
 */
export type SaveOutcome = 'saved' | 'ended'

/** The type of a key's value; that a key is optional does not make `undefined` one of its values. */
type Value<D, K extends keyof D> = Required<D>[K]

/** Key and value, so that a test of the key narrows the value. */
type Entry<D> = { [K in keyof D & string]: [key: K, value: Value<D, K>] }[keyof D & string]

const NO_DATA: EncodedData = new Map()

/**
 * The session of one request: the browser's, or a new one when there is no live one. Of several cookies the first that
 * opens a session counts. A cookie that opens none (junk, forged, expired, unknown) gives a new session, and an event
 * with the reason. So does a token that was destroyed or regenerated a moment ago, but that session is never saved: the
 * browser has another cookie by now, or none.
 * @throws {SessionStoreError} when the store fails: a new session would overwrite one that could not be read
 */
export async function openSession<D extends object>(context: SessionContext): Promise<Session<D>> {
  const tokens = sentTokens(context)
  if (tokens.length > 1) context.onEvent({ event: 'several-cookies', cookies: tokens.length })
  const opened = await openFirst(context, tokens)
  if (!opened.live) for (const reason of opened.refused) context.onEvent({ event: 'refused', reason })
  return new Session(context, opened)
}

/**
 * One visitor's data between requests, used like a dictionary. `get`, `set`, `delete` and the rest work on this
 * request's copy; `save()` stores it, and what is not saved is gone after the request, nested changes included.
 */
export class Session<D extends object> {
  /** This request loaded no live session; stays true after its first save. */
  isNew: boolean
  #live: LoadedSession | undefined
  /** A token that was destroyed or regenerated a moment ago: what this request writes is too late. */
  #endedToken: string | undefined
  #copy: RequestCopy
  #avoidTouchWhenCreated = false
  /** What the browser sent; undefined when it sent no cookie, or all of them were replaced in this request. */
  #sent: Opened | undefined
  /** Writes of this handle run one after the other. */
  #queue: Promise<unknown> = Promise.resolve()
  readonly #context: SessionContext
  /** The writes that succeeded, and how to take back their new tokens, the latest last. */
  readonly #done: Write[] = []
  #undos: Undo[] = []

  /** Use `openSession`. */
  constructor(context: SessionContext, opened: Opened) {
    const { live, refused, others } = opened
    this.#context = context
    this.isNew = live === undefined
    this.#live = live
    this.#endedToken = live ? undefined : others[refused.indexOf('ended')]
    this.#sent = live || others.length > 0 ? opened : undefined
    this.#copy = this.#newCopy(live?.record.data ?? NO_DATA)
  }

  /** The public id: the same until `regenerate()`, safe to show; null until the first save. */
  get id(): string | null {
    return this.#live ? publicIdOf(this.#live.token) : null
  }

  /** When it was first saved; null until then. */
  get createdAt(): Date | null {
    return this.#live ? new Date(this.#live.record.createdAt) : null
  }

  /** The latest of its last save and its last touch; null until the first save. */
  get lastSeenAt(): Date | null {
    return this.#live ? new Date(this.#live.lastSeenAt) : null
  }

  /** When it ends unless it is touched or saved before; null until the first save. */
  get expiresAt(): Date | null {
    return this.#live ? new Date(this.#live.expiresAt) : null
  }

  /** Whether this session, or the configuration for all of them, avoids touch. */
  get avoidTouch(): boolean {
    return this.#context.limits.avoidTouch || (this.#live?.record.avoidTouch ?? this.#avoidTouchWhenCreated)
  }

  /** Whether a save would have something to write. */
  get isDirty(): boolean {
    return this.#copy.isDirty
  }

  /** How many keys there are. */
  get size(): number {
    return this.#copy.keys().length
  }

  /**
   * The value of a key; `fallback` (or undefined) when absent. An object from the session is live: what you change
   * inside it is stored by `save()`. A fallback is not in the session until you `set` it.
   */
  get<K extends keyof D & string>(key: K): Value<D, K> | undefined
  get<K extends keyof D & string>(key: K, fallback: Value<D, K>): Value<D, K>
  get<K extends keyof D & string>(key: K, fallback?: Value<D, K>): Value<D, K> | undefined {
    this.#context.watcher?.onRead?.(key, this.get)
    return this.#copy.has(key) ? (this.#copy.get(key) as Value<D, K>) : fallback
  }

  /** Whether the key is there, `undefined` and `null` as values included. */
  has(key: keyof D & string): boolean {
    return this.#copy.has(key)
  }

  /** Puts a value in this request's copy. @throws {SessionValueError} when it cannot be stored, naming key and path */
  set<K extends keyof D & string>(key: K, value: Value<D, K>): this {
    this.#copy.set(key, value)
    this.#context.watcher?.onChange?.(key, this.set)
    return this
  }

  /** Removes one key from this request's copy; whether it was there. */
  delete(key: keyof D & string): boolean {
    const existed = this.#copy.delete(key)
    this.#context.watcher?.onChange?.(key, this.delete)
    return existed
  }

  /** Removes every key from this request's copy. The session itself lives on; `destroy()` ends it. */
  clear(): void {
    for (const key of this.#copy.keys()) this.#context.watcher?.onChange?.(key, this.clear)
    this.#copy.clear()
  }

  /**
   * Sets a key to a function of its value (undefined when absent). When a save meets another request's save, the
   * function runs again on the fresh value, so it should depend on nothing else; it must not be async.
   */
  update<K extends keyof D & string>(key: K, step: (value: Value<D, K> | undefined) => Value<D, K>): this {
    this.#copy.update(key, step as UpdateStep)
    this.#context.watcher?.onChange?.(key, this.update)
    return this
  }

  /** How much a key's value takes where it is stored, as SessionTooLargeError counts it; undefined when absent. */
  bytesOf(key: keyof D & string): number | undefined {
    return this.#copy.bytesOf(key)
  }

  keys(): (keyof D & string)[] {
    return this.#copy.keys() as (keyof D & string)[]
  }

  entries(): Entry<D>[] {
    return this.#copy.keys().map((key) => [key, this.#copy.get(key)] as Entry<D>)
  }

  /** A plain object of all keys; a key such as `__proto__` becomes an own property like any other. */
  toObject(): Partial<D> {
    return Object.fromEntries(this.entries()) as Partial<D>
  }

  /** The keys with changes that no `save()` stored. */
  changedKeys(): string[] {
    return this.#copy.changedKeys()
  }

  /** The same with the line of code that made each change; `at` is empty in production. */
  unsavedChanges(): { key: string; at: string }[] {
    return this.changedKeys().map((key) => ({ key, at: this.#context.watcher?.lineOf?.(key) ?? '' }))
  }

  /**
   * For the framework's side, when the response left without the cookies of this session's writes: takes new tokens back,
   * so that the browser's own still opens the session as it was before `regenerate()`. What `destroy()` ended stays
   * ended. It waits for the write under way: one that landed between the steps of an undo would end both tokens.
   */
  cookiesLost(): Promise<void> {
    const undoing = this.#queue.then(async () => {
      const operations = this.#done.splice(0)
      const undone = await this.#undo().catch(() => false)
      this.#context.onEvent({ event: 'cookies-lost', operations, undone })
    })
    this.#queue = undoing.catch(() => {})
    return undoing
  }

  /** Drops the unsaved changes, nested ones included: the copy is again what was loaded or last saved. */
  revert(): void {
    this.#copy.revert()
    this.#avoidTouchWhenCreated = false
  }

  /**
   * Stores the changes, then sends the cookies. A save that meets another one merges with it key by key (the cookie
   * store cannot: there the last writer wins). Without changes it changes no data and counts as activity; a new
   * session is stored even when it is empty.
   * @throws {SessionReadOnlyError} {@link SessionTooLargeError} {@link SessionValueError} {@link SessionConflictError}
   *   {@link SessionStoreError}; nothing was stored, except that a write which timed out may have landed
   */
  save(): Promise<SaveOutcome> {
    return this.#exclusive('save', async () => {
      const patch = this.#copy.patch()
      if (!this.#live) return this.#create(patch, 'save')
      // Under avoid touch life counts from the last save, so the record has to hold the time of this one.
      if (patch.isEmpty && !this.avoidTouch) return this.#touch(this.#live, 'save')
      const live = await updateRecord(this.#context, this.#live, patch)
      return live ? this.#saved(live, patch) : this.#ended('save')
    })
  }

  /**
   * Removes the session from the store and makes the browser delete both cookies; this handle is then a new, empty
   * session. It also ends every other session whose cookie the request brought, and deletes cookies that an earlier
   * Domain or Path left under our name. Without a session it does nothing. With the cookie store a copied cookie works
   * until its limits (OWASP Session Management, "Session Expiration": prefer a store on the server where that matters).
   */
  destroy(): Promise<void> {
    return this.#exclusive('destroy', async () => {
      const { jar, cookie, store } = this.#context
      if (this.#live) await store.destroy(this.#live.token)
      // A browser that kept another session of ours would be signed in again at its next request.
      for (const token of await liveOnes(this.#context, this.#sent?.others ?? [])) await store.destroy(token)
      for (const name of [cookie.name, touchCookieName(cookie)]) {
        // The browser may have one of another path, which this request did not bring.
        jar.expireVariants(name, { parentDomains: true, anyPath: true })
        const mayBeThere = this.#live || cookie.path !== '/' || jar.getAll(name).length > 0
        if (mayBeThere) jar.set(name, '', expiredAttributes(cookie))
      }
      this.#sent = undefined
      this.#live = undefined
      this.#undos = []
      this.#endedToken = undefined
      this.#avoidTouchWhenCreated = false
      this.isNew = true
      this.#copy = this.#newCopy(NO_DATA)
    })
  }

  /**
   * Stores the data, unsaved changes included, under a new token and ends the old one (except with the cookie store, see
   * `destroy`). Call it whenever a visitor's rights change, at sign-in above all (OWASP Session Management, "Renew the
   * Session ID After Any Privilege Level Change"). If the store fails, the old session still works, unless the store
   * destroyed it and only the answer was lost: then the visitor signs in again.
   */
  regenerate(): Promise<SaveOutcome> {
    return this.#exclusive('regenerate', async () => {
      const patch = this.#copy.patch()
      if (!this.#live) return this.#create(patch, 'regenerate')
      const replaced = await replaceToken(this.#context, this.#live, patch)
      if (!replaced) return this.#ended('regenerate')
      return this.#saved(replaced.live, patch, replaced.undo)
    })
  }

  /** Extends the session's life without changing data, also where automatic touches are avoided. */
  touch(): Promise<'touched' | 'ended'> {
    return this.#exclusive('touch', async () => {
      if (this.#endedToken !== undefined) return this.#ended('touch')
      if (!this.#live) return 'touched' // a new session has no life to extend yet
      return (await this.#touch(this.#live, 'touch')) === 'saved' ? 'touched' : 'ended'
    })
  }

  /**
   * Whether this session avoids automatic touches; its life then counts from its last save. Takes effect at once,
   * without saving other changes. `unsaved`: the session is new, so nothing was stored; its first save stores the choice.
   */
  setAvoidTouch(avoidTouch: boolean): Promise<SaveOutcome | 'unsaved'> {
    return this.#exclusive('setAvoidTouch', async () => {
      if (this.#endedToken !== undefined) return this.#ended('setAvoidTouch')
      if (!this.#live) {
        this.#avoidTouchWhenCreated = avoidTouch
        return 'unsaved'
      }
      const live = await updateRecord(this.#context, this.#live, EMPTY_PATCH, avoidTouch)
      return live ? this.#saved(live) : this.#ended('setAvoidTouch')
    })
  }

  async #create(patch: PendingPatch, operation: Write): Promise<SaveOutcome> {
    if (this.#endedToken !== undefined) return this.#ended(operation)
    const { store } = this.#context
    const live = await createRecord(this.#context, applyPatch(NO_DATA, patch), this.#avoidTouchWhenCreated)
    const takeBack = async () => (await store.destroy(live.token, undefined, 'unmarked')) === 'ok'
    return this.#saved(live, patch, takeBack)
  }

  async #touch(live: LoadedSession, operation: Write): Promise<SaveOutcome> {
    const fresh = await reloadIfExpired(this.#context, live)
    if (!fresh) return this.#ended(operation)
    const { token, expiresAt, record } = fresh
    const times = await touchRecord(this.#context, { token, createdAt: record.createdAt, expiresAt })
    return times ? this.#touched({ ...fresh, ...times }) : this.#ended(operation)
  }

  /**
   * After a write of data: keeps what is stored now, and sends both cookies. `undo` takes back a new token, which it does
   * when the response has begun meanwhile, so that the cookies come too late.
   */
  async #saved(live: LoadedSession, patch?: PendingPatch, undo?: Undo): Promise<SaveOutcome> {
    const { jar, cookie, limits, now } = this.#context
    const absoluteEnd = live.record.createdAt + limits.absoluteMs
    try {
      await this.#expireShadows()
      jar.set(cookie.name, live.token, attributesFor(cookie, absoluteEnd - now()))
      this.#live = live
      if (patch) this.#copy.rebase(live.record.data, patch)
      this.#touched(live)
      if (undo) this.#undos.push(undo)
      return 'saved'
    } catch (error) {
      await undo?.().catch(() => false) // the first failure is the one to report
      throw error
    }
  }

  /** After any write: sends the touch cookie. */
  #touched(live: LoadedSession): SaveOutcome {
    this.#live = live
    const { token, record, lastSeenAt, expiresAt } = live
    const avoidedByConfig = this.#context.limits.avoidTouch ? 'all' : 'none'
    const times = { createdAt: record.createdAt, lastSeenAt, expiresAt }
    sendTouch(this.#context, token, times, record.avoidTouch ? 'session' : avoidedByConfig)
    return 'saved'
  }

  /**
   * Before a session cookie goes out: one that an earlier configuration left under our name would be sent first, and hide
   * it. A cookie that opens nothing may be another app's, so then the domains above this host are left alone.
   */
  async #expireShadows(): Promise<void> {
    if (!this.#sent) return
    const { refused, others } = this.#sent
    const live = await liveOnes(this.#context, others).catch(() => []) // what was stored is stored
    const parentDomains = refused.length === 0 && live.length === others.length
    this.#context.jar.expireVariants(this.#context.cookie.name, { parentDomains, anyPath: false })
  }

  /** Revives nothing and sends no cookie. A later write ends the same way, because the record is gone. */
  #ended(operation: Write): 'ended' {
    const token = this.#live?.token ?? this.#endedToken
    this.#context.onEvent({ event: 'ended', id: token === undefined ? '' : publicIdOf(token), operation })
    return 'ended'
  }

  /** One write at a time on this handle, and none where the cookies that must follow it cannot be sent. */
  #exclusive<T>(write: Write, operation: () => Promise<T>): Promise<T> {
    const { beforeWrite, jar, watcher } = this.#context
    const result = this.#queue.then(async () => {
      await beforeWrite?.()
      jar.assertWritable()
      const done = operation()
      await done.then(
        (outcome) => watcher?.onOutcome?.(write, outcome),
        (error) => watcher?.onError?.(write, error),
      )
      return done
    })
    const handedOut = watcher?.onWrite?.(write, this[write], result) ?? result
    this.#queue = result.then(
      () => this.#done.push(write),
      (error) => this.#reportLate(write, error, handedOut),
    )
    return handedOut
  }

  /** The application may not await a late write, so its error is also an event. */
  #reportLate(operation: Write, error: unknown, handedOut: Promise<unknown>): void {
    if (!(error instanceof SessionReadOnlyError) || error.place.startsWith('render')) return
    const at = this.#context.watcher?.lineOf?.(handedOut) ?? ''
    this.#context.onEvent({ event: 'late-write', operation, place: error.place, at })
  }

  async #undo(): Promise<boolean> {
    const undos = this.#undos.splice(0).reverse()
    let undone = undos.length > 0
    for (const undo of undos) undone = (await undo()) && undone
    return undone
  }

  #newCopy(data: EncodedData): RequestCopy {
    return new RequestCopy(data, (key) =>
      this.#context.onEvent({ event: 'unreadable-key', id: this.id ?? '', key }),
    )
  }
}
