import type { SessionConfig } from '../config/config'
import type { Keyring } from '../core/keys'
import type { Finding, SessionStore } from '../core/store'
import type { Backend } from './choose'
import type { Connection } from './connections'
import { findIgnoreWarning } from './ignored'
import { createRecordText, type RecordText } from './record'

export interface StoreContext {
  readonly config: SessionConfig
  readonly keyring: Keyring
  readonly now: () => number
  /** Takes what deserves a look and stops nothing. */
  readonly warn?: (message: string) => void
}

/** How the records of this app are written and read. */
export function recordsOf({ config, keyring, now }: StoreContext): RecordText {
  return createRecordText({ keyring, maxBytes: config.maxBytes, now })
}

/** Whether sessions lie where git commits them and a development server opens them; `consequence` is the store's own. */
export function inspectPlace(directory: string, { config }: StoreContext, consequence = ''): Finding[] {
  // A production server watches nothing, and what it runs in is rarely what gets committed.
  const text = config.production ? undefined : findIgnoreWarning(directory)
  return text === undefined ? [] : [{ level: 'warning', text: `${text}.${consequence}` }]
}

type BackendOf<K> = Extract<Backend, { kind: K }>

/** Connects, or shares a connection that is there, and makes the store. A server is not asked before the first call. */
export type Opener<K> = (
  backend: BackendOf<K>,
  context: StoreContext,
) => Promise<{ store: SessionStore; connection?: Connection<unknown> }>

/** What can be found out at the start: problems stop it, warnings are reported. Empty: nothing is wrong. */
export type Check<K> = (backend: BackendOf<K>, context: StoreContext) => Promise<readonly Finding[]>

/** What a file of this folder exports. */
export interface OpenerModule<K> {
  readonly open: Opener<K>
  readonly check?: Check<K>
}

/** Kind → the file that opens it, imported only when it is the chosen one. A kind that is not in it is left out. */
export type InstalledStores = { readonly [K in Backend['kind']]?: () => Promise<OpenerModule<K>> }
