import type { StoreAbout } from '../../lib/session/stores/about'
import { DEFAULT_STORE, installedStores } from '../../lib/session/stores/choose'

export { DEFAULT_STORE }

/** The folder of a store in `lib/session/stores`: `sqlite`. */
export type StoreId = string

export interface StoreChoice {
  readonly id: StoreId
  /** What stands after "sessions live in". */
  readonly label: string
  /** In one line: what it is good for, and its limit. */
  readonly hint: string
  /** What SESSION_STORE calls it. */
  readonly variable: string
  /** The folders of `lib/session` that only this store needs; a folder may belong to two. */
  readonly folders: readonly string[]
  readonly packages: readonly string[]
  readonly typePackages: readonly string[]
  /** The variables that say where sessions are; an example, and a default where there is one. */
  readonly variables: readonly StoreVariable[]
  /** The server it needs, as `scripts/servers.mjs` calls it, and the variable that names one. */
  readonly server?: { readonly name: string; readonly variable: string; readonly example: string }
  /** The operator's command sees its sessions. */
  readonly isOperated: boolean
  readonly about: StoreAbout
}

export interface StoreVariable {
  readonly name: string
  readonly example: string
  readonly default?: string
}

/** What the stores of this version say about themselves. Every app has the one for development besides. */
export const STORES: readonly StoreChoice[] = installedStores
  .filter(({ developmentOnly }) => !developmentOnly)
  .map(choiceOf)

function choiceOf(about: StoreAbout): StoreChoice {
  const { kind, name, label, hint, packages, typePackages, sharedFolders = [], needsServer, unseen } = about
  const variables = Object.entries(about.variables).map(([name, variable]) => ({ name, ...variable }))
  const [place] = variables
  return {
    id: kind,
    label,
    hint,
    variable: name,
    folders: [kind, ...sharedFolders].map((folder) => `stores/${folder}`),
    packages,
    typePackages,
    variables,
    ...(needsServer && place ? { server: { name: kind, variable: place.name, example: place.example } } : {}),
    isOperated: unseen === undefined,
    about,
  }
}

/** What `lib/session` imports whichever store is chosen. */
const CORE_PACKAGES = ['cookie', 'devalue', 'leven', 'server-only', 'zod'] as const

/** What the operator's command needs besides, where the app runs. */
const OPERATORS_PACKAGES = ['@next/env', 'tsx'] as const

/** All of them: what an app has that leaves none out. */
export const STORE_IDS: readonly StoreId[] = STORES.map(({ id }) => id)

/** What `--store` and `--only` understand; `database` is what SESSION_STORE calls SQLite and PostgreSQL alike. */
export const STORE_NAMES: readonly string[] = [
  ...new Set(STORES.flatMap(({ id, variable }) => [variable, id])),
]

/**
 * The stores that a name stands for, the one that is meant first.
 * @param databaseUrl which of the two databases, where it says one; SQLite needs nothing more
 */
export function storesNamed(name: string | undefined, databaseUrl?: string): readonly StoreId[] {
  const named = STORES.filter(({ id, variable }) => id === name || variable === name)
  const isMeant = ({ variables }: StoreAbout) =>
    databaseUrl !== undefined && (variables.DATABASE_URL?.isValid(databaseUrl) ?? false)
  const rank = ({ id, about }: StoreChoice) => (id === name || isMeant(about) ? 0 : 1)
  return named.toSorted((one, other) => rank(one) - rank(other)).map(({ id }) => id)
}

export function storeOf(id: StoreId): StoreChoice {
  const store = STORES.find((each) => each.id === id)
  if (!store) throw new Error(`No store ${id}.`)
  return store
}

/** Whether the operator's command can see the sessions of one of these stores. */
export function isOperated(stores: readonly StoreId[]): boolean {
  return stores.some((id) => storeOf(id).isOperated)
}

/** Whether `npm run dev` may have to bring one up. */
export function hasServers(stores: readonly StoreId[]): boolean {
  return stores.some((id) => storeOf(id).server !== undefined)
}

/** What `lib/session` imports with these stores. */
export function packagesOf(stores: readonly StoreId[]): readonly string[] {
  return [
    ...CORE_PACKAGES,
    ...stores.flatMap((id) => storeOf(id).packages),
    ...(isOperated(stores) ? OPERATORS_PACKAGES : []),
  ]
}

/** Whether a file of `lib/session`, by its path in that folder, is in a folder of one of these stores. */
export function isInFoldersOf(path: string, stores: readonly StoreId[]): boolean {
  return stores.some((id) => storeOf(id).folders.some((folder) => path.startsWith(`${folder}/`)))
}

/** Whether an app with these stores has a file of `lib/session`, by its path in that folder. */
export function isFileOfStores(path: string, stores: readonly StoreId[]): boolean {
  if (path.startsWith('ops/')) return isOperated(stores)
  return isInFoldersOf(path, stores) || !isInFoldersOf(path, STORE_IDS)
}
