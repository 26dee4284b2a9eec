import type { StoreModule } from './context'

/** A store, and what opens it: plain data, made from the environment by `about` of that store. */
export interface StoreOptions {
  readonly kind: string
}

/** An environment variable that belongs to a store. */
export interface StoreVariable {
  /** What its value must be, after "it must be". */
  readonly rule: string
  readonly example: string
  /** The value that is used when the variable is not set. A variable without one must be set. */
  readonly default?: string
  isValid(text: string): boolean
}

/**
 * What a store says about itself, in `stores/<kind>/about.ts`. Configuration, `doctor`, `create-sess-app` and the tables
 * of the docs read it, also where the store is not used: so that file imports no package.
 */
export interface StoreAbout<O extends StoreOptions = StoreOptions> {
  /** The name of its folder. Events and errors call the store by it. */
  readonly kind: O['kind']
  /** What SESSION_STORE calls it. Stores that share a name are told apart by the values of their variables. */
  readonly name: string
  /** For people: what stands after "sessions live in". */
  readonly label: string
  /** In one line: what it is good for, and its limit. */
  readonly hint: string
  /** The npm packages that it imports. */
  readonly packages: readonly string[]
  readonly typePackages: readonly string[]
  /** Folders beside its own that it shares with another store. */
  readonly sharedFolders?: readonly string[]
  /** Sessions live in a server that its first variable names. */
  readonly needsServer?: true
  /** It drops sessions before their time: at a restart, or when memory is short. */
  readonly mayForget?: true
  /** Why it is no store for production. */
  readonly developmentOnly?: string
  /** Why another process, such as the operator's command, cannot see the sessions. */
  readonly unseen?: string
  /** `destroyAll` ends nothing: only SESSION_EPOCH ends sessions that browsers hold. */
  readonly endsByEpoch?: true
  readonly variables: Readonly<Record<string, StoreVariable>>
  /** How SESSION_MIGRATE_FROM names it without these variables; undefined: `read` of a URL that is not its own. */
  readonly url?: { readonly example: string; read(url: string): O | undefined }
  /** Its options, from valid values of all its variables. */
  options(values: Readonly<Record<string, string>>): O
  /** What these options make of its variables, without a password. */
  show(options: O): Readonly<Record<string, string>>
  /** Equal for two spellings of one place: host, port and database, for example. Another name of a host is not found out. */
  place(options: O): readonly unknown[]
  open(): Promise<StoreModule>
}
