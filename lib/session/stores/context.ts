import type { Keyring } from '../core/keys'
import type { SessionStore } from '../core/store'
import type { Finding } from './abilities'
import type { StoreOptions } from './about'
import type { Connection } from './connections'
import { createRecordText, type RecordText } from './record'

/** What stores need of the configuration. */
export interface StoreSettings {
  readonly storeOptions: StoreOptions
  /** The old store, whose sessions move to this one as they are saved. */
  readonly migrateFrom: StoreOptions | undefined
  /** What our keys in Redis, memcached and the database begin with: several apps can share one server. */
  readonly prefix: string
  /** Whether the database stores make their table when it is missing. */
  readonly createTable: boolean
  /** The largest record, as text, that a store on the server keeps. */
  readonly maxBytes: number
  /** How long a store on the server may take to answer, milliseconds. */
  readonly storeTimeoutMs: number
  /** Everything but `next dev` and unit tests. */
  readonly production: boolean
  readonly cookie: { readonly name: string }
}

/** What `open.ts` of a store gets beside the store's own options. */
export interface StoreContext {
  readonly config: StoreSettings
  readonly keyring: Keyring
  readonly now: () => number
  /** Gets warnings: what works but may be wrong. */
  readonly warn?: (message: string) => void
}

/** Connects, or shares an open connection, and makes the store. It sends nothing to a server before the first call. */
export type OpenStore<O extends StoreOptions> = (
  options: O,
  context: StoreContext,
) => Promise<{ store: SessionStore; connection?: Connection<unknown> }>

/** Checks the store when the server starts. A problem stops the start; a warning is reported. */
export type CheckStore<O extends StoreOptions> = (
  options: O,
  context: StoreContext,
) => Promise<readonly Finding[]>

/** What `open.ts` of a store exports. Methods, so that each store can name the options that are its own. */
export interface StoreModule {
  open(...args: Parameters<OpenStore<StoreOptions>>): ReturnType<OpenStore<StoreOptions>>
  check?(...args: Parameters<CheckStore<StoreOptions>>): ReturnType<CheckStore<StoreOptions>>
}

/** How the records of this app are written and read. */
export function recordsOf({ config, keyring, now }: StoreContext): RecordText {
  return createRecordText({ keyring, maxBytes: config.maxBytes, now })
}
