/** Session key → value as text of `core/values.ts`. Encoded key by key, so that one unreadable value loses only itself. */
export type EncodedData = ReadonlyMap<string, string>

/** What a store keeps of one session. Times in epoch milliseconds. */
export interface SessionRecord {
  readonly createdAt: number
  readonly savedAt: number
  readonly avoidTouch: boolean
  readonly data: EncodedData
}

export interface LoadedRecord {
  readonly record: SessionRecord
  /** What `update` and `destroy` compare with; only the store that made it can read it. */
  readonly version: unknown
  /** Epoch milliseconds, or null where the store keeps no expiry of its own (cookie). */
  readonly expiresAt: number | null
}

/** What a write returns: the token under which the record is now, and its version, as `load` would return it. */
export interface Saved {
  readonly token: string
  readonly version: unknown
}

/**
 * Why a token opens nothing.
 * - `unknown`: well formed, but there is no such record
 * - `malformed`: not a token of this store, or a record that cannot be, such as one from the future
 * - `forged`: the cookie, or the stored record, fails authentication: changed, copied, or of another app
 * - `expired`: past its idle or absolute limit, or made before the epoch
 * - `unknown-secret`: sealed, or its record signed, under a secret that is not configured (any more)
 * - `ended`: destroyed or regenerated less than `ENDED_MS` ago: a request that was under way still carries the token
 */
export type RefusalReason = 'unknown' | 'malformed' | 'forged' | 'expired' | 'unknown-secret' | 'ended'

/**
 * Where records live. A store knows nothing of cookies, requests or Next.js.
 *
 * Hostile input is a `refused` value. A method throws `SessionStoreError` when the backend fails, never to say
 * that a session is not there. Times in epoch milliseconds; a record lives while `now < expiresAt`.
 * A store on the server keeps the texts of `stores/record.ts`: they open only in the app that made them, and are never
 * larger than SESSION_MAX_BYTES. `testing/store-contract.ts` checks all of this on any store.
 */
export interface SessionStore {
  readonly name: string

  /** The live record, or why there is none. Creates nothing, whatever the token. */
  load(token: string): Promise<LoadedRecord | { readonly refused: RefusalReason }>

  /** Stores a new record under a token of the store's own making. @throws {SessionTooLargeError} */
  create(record: SessionRecord, expiresAt: number): Promise<Saved>

  /**
   * Replaces the record if it still has this version (compare-and-swap). `conflict`: somebody else saved since;
   * `gone`: no longer there, or expired; it is never created again. @throws {SessionTooLargeError}
   */
  update(
    token: string,
    record: SessionRecord,
    expiresAt: number,
    version: unknown,
  ): Promise<Saved | 'conflict' | 'gone'>

  /** Moves the expiry of a record that still lives, and nothing else. False when it is gone or expired. */
  touch(token: string, expiresAt: number): Promise<boolean>

  /**
   * Forgets the record; `ok` also when there is none. With a version it does so only if the record still has it: a
   * record that changed or is gone answers `conflict`, and so does every record when `destroyAll` was called since the
   * version was loaded.
   *
   * A live record leaves a mark under its name for `ENDED_MS`, by the store's clock, and no data: meanwhile `load` says
   * `ended`, `update` `gone`, `touch` false and `import` `conflict`. The mark is neither counted nor listed. With
   * `unmarked` there is none, and one that is there goes: the token is unknown at once, and free for `import`.
   */
  destroy(token: string, version?: unknown, mark?: 'unmarked'): Promise<'ok' | 'conflict'>

  /**
   * Ends every session of ours, and nothing else on a shared server. Exact, while others create, save, regenerate and
   * move sessions: what was made before the call is dead when it answers, under its own token and under any that a
   * `create` with a `destroy` of its version, or an `import`, gives it. Where a look at all records can miss one, each
   * carries the epoch of the store when it was made, and `destroyAll` begins another one first. Leaves no marks.
   * @throws {SessionUnsupportedError}
   */
  destroyAll(): Promise<void>

  /**
   * Removes at most `limit` records that are expired at `now`, and marks that are over; answers how many. Only stores
   * that need it.
   */
  sweep?(now: number, limit: number): Promise<number>

  /**
   * Stores a record of another store under the token that it has there. `conflict`: there is one under it already.
   * Only for stores whose tokens are those of `createToken`, so that SESSION_MIGRATE_FROM keeps tokens as they are;
   * the token is one that the other store opened, never one that merely came from a browser.
   */
  import?(token: string, record: SessionRecord, expiresAt: number): Promise<Saved | 'conflict'>

  /** How many of our sessions live, and how many are expired and not yet removed. Only where that can be counted. */
  count?(): Promise<{ readonly live: number; readonly expired: number }>

  /**
   * Sessions of ours that live, in no order, at most `limit` of them. Looks at all there are until it has them. Only
   * where they can be listed.
   */
  list?(limit: number): Promise<readonly ListedSession[]>

  /**
   * Ends the session of a `name` that `list` gave, and leaves no mark: its browser can begin a new one at once. No error
   * when there is none, or one of another app. With `list` only.
   */
  end?(name: string): Promise<void>

  /** What an operator should know about the backend, one line each. Changes nothing. */
  inspect?(): Promise<readonly Finding[]>

  /** Ends the connection. */
  close?(): Promise<void>
}

/** What a list of sessions tells of one. Times in epoch milliseconds. */
export interface ListedSession {
  /** The store's own name of the record. As a token it opens nothing. */
  readonly name: string
  /** The public id. */
  readonly publicId: string
  readonly createdAt: number
  readonly savedAt: number
  readonly expiresAt: number
  /** Of the stored record. */
  readonly bytes: number
}

/** `warning`: works, and deserves a look; `problem`: sessions do not work, or not safely. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem'
  readonly text: string
}
