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

/** What a write returns: the token under which the record is now, and the version that `load` would return. */
export type Saved = { readonly token: string; readonly version: unknown }

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
 * Where records are stored. A store knows no cookies, no requests and no Next.js. What some stores can do beside this is in
 * `stores/abilities.ts`.
 *
 * Hostile input is a `refused` value. When the backend fails, a method throws; it never returns then that a session does
 * not exist. Times are epoch milliseconds; a record is live while `now < expiresAt`. A store on a server keeps the texts
 * of `stores/record.ts`. `testing/store-contract.ts` checks all of this on any store.
 */
export interface SessionStore {
  readonly name: string

  /** The live record, or why there is none. Creates nothing, whatever the token. */
  load(token: string): Promise<LoadedRecord | { readonly refused: RefusalReason }>

  /** Stores a new record under a token of the store's own making. @throws {SessionTooLargeError} */
  create(record: SessionRecord, expiresAt: number): Promise<Saved>

  /**
   * Replaces the record if it still has this version (compare-and-swap). `conflict`: another request has saved since;
   * `gone`: it ended or expired, and is not created again. @throws {SessionTooLargeError}
   */
  update(
    token: string,
    record: SessionRecord,
    expiresAt: number,
    version: unknown,
  ): Promise<Saved | 'conflict' | 'gone'>

  /** Changes the expiry of a live record, and nothing else: not its version either. False when there is none. */
  touch(token: string, expiresAt: number): Promise<boolean>

  /**
   * Removes the record; `ok` also when there is none. With a version, only the record that still has it: `conflict` when
   * it changed or is gone, and always after a `destroyAll` that began since the version was loaded.
   *
   * A live record leaves a mark under its name for `ENDED_MS`, with no data: meanwhile `load` returns `ended`, `update`
   * `gone`, `touch` false and `adopt` `conflict`. A mark is neither counted nor listed. `unmarked` leaves none and removes
   * one: the token is unknown at once, and free for `adopt`.
   */
  destroy(token: string, version?: unknown, mark?: 'unmarked'): Promise<'ok' | 'conflict'>

  /**
   * Ends every session of this app, and nothing else on a shared server, while other requests create, save, regenerate
   * and adopt. A session from before the call is dead when it returns, also under a token that it gets meanwhile. A store
   * that could miss one keeps an epoch: it is stored with each record, and `destroyAll` first begins another one.
   * Leaves no marks. @throws {SessionUnsupportedError}
   */
  destroyAll(): Promise<void>

  /** Removes at most `limit` expired records and marks; returns how many. Missing where the backend does it by itself. */
  sweep?(now: number, limit: number): Promise<number>
}

/** Can store a record under a token that another store made: a migration and the undo of a regenerate need it. */
export interface Adopting {
  /**
   * `conflict`: the token has a live record or a mark already. The token must have been opened by the store that made it,
   * never merely sent by a browser. @throws {SessionTooLargeError}
   */
  adopt(token: string, record: SessionRecord, expiresAt: number): Promise<Saved | 'conflict'>
}

export function canAdopt(store: SessionStore): store is SessionStore & Adopting {
  return 'adopt' in store
}
