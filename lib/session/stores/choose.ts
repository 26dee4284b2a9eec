import { isDeepStrictEqual } from 'node:util'
import type { StoreAbout, StoreOptions, StoreVariable } from './about'
import * as installed from './installed'

/** The stores of this copy: those that need no server first, then those that keep every session; for development last. */
export const installedStores: readonly StoreAbout[] = Object.values<StoreAbout>(installed).sort(
  (one, other) => rank(one) - rank(other),
)

function rank({ needsServer, mayForget, developmentOnly }: StoreAbout): number {
  return developmentOnly ? 3 : mayForget ? 2 : needsServer ? 1 : 0
}

/** What SESSION_STORE can be; `database` is SQLite or PostgreSQL, as DATABASE_URL says. */
export const storeNames: readonly string[] = [...new Set(installedStores.map(({ name }) => name))]
export const DEFAULT_STORE = 'cookie'

/** The variables of all stores; one that two stores share is there once. */
export const storeVariables: readonly string[] = [
  ...new Set(installedStores.flatMap(({ variables }) => Object.keys(variables))),
]

/** The variables of stores that are set. */
export type StoreValues = Readonly<Record<string, string | undefined>>

/** `problem` is made for a person and never repeats a URL: it may hold a password. */
export type Choice = { readonly options: StoreOptions } | { readonly problem: string }

/** The options of the store that has this name, from the variables of that store alone. */
export function chooseStore(name: string, values: StoreValues): Choice {
  const named = installedStores.filter((store) => store.name === name)
  for (const about of named) {
    const own = valuesOf(about, values)
    if (own) return { options: about.options(own) }
  }
  return { problem: problemOf(name, named, values) }
}

/** The options of the store that SESSION_MIGRATE_FROM names: by its name, or by a URL. */
export function chooseOldStore(text: string, values: StoreValues): Choice {
  if (storeNames.includes(text)) return chooseStore(text, values)
  for (const { url } of installedStores) {
    const options = url?.read(text)
    if (options) return { options }
  }
  const urls = installedStores.flatMap(({ url }) => url?.example ?? []).join(', ')
  return {
    problem:
      `SESSION_MIGRATE_FROM must be one of ${storeNames.join(', ')}, or the URL of the old store: ${urls}. ` +
      'If its store was left out of this copy of lib/session, add it with: npx create-sess-app add --store <name>',
  }
}

export function aboutStore({ kind }: StoreOptions): StoreAbout {
  const about = installedStores.find((store) => store.kind === kind)
  if (!about) throw new Error(`This copy of lib/session has no ${kind} store.`)
  return about
}

/** Where sessions are, for an operator and without a password: `redis, redis://localhost:6379`. */
export function showPlace(options: StoreOptions): string {
  const about = aboutStore(options)
  return [about.name, ...Object.values(about.show(options))].join(', ')
}

/** Whether two stores are one place, however it is written. Another name of the same host is not found out. */
export function isSamePlace(one: StoreOptions, other: StoreOptions): boolean {
  const { place } = aboutStore(one)
  return one.kind === other.kind && isDeepStrictEqual(place(one), place(other))
}

/** Undefined: one is missing, or is not valid for this store. */
function valuesOf({ variables }: StoreAbout, values: StoreValues): Record<string, string> | undefined {
  const own: Record<string, string> = {}
  for (const [name, variable] of Object.entries(variables)) {
    const text = values[name] ?? variable.default
    if (text === undefined || !variable.isValid(text)) return undefined
    own[name] = text
  }
  return own
}

/** What is wrong with the variables of the stores that share a name, none of which can be opened. */
function problemOf(name: string, named: readonly StoreAbout[], values: StoreValues): string {
  const isWrong = ([variable, { isValid, default: byDefault }]: [string, StoreVariable]) => {
    const text = values[variable] ?? byDefault
    return text === undefined || !isValid(text)
  }
  const [variable = ''] = named.flatMap(({ variables }) => Object.entries(variables)).find(isWrong) ?? []
  const rule = named
    .flatMap(({ variables }) => variables[variable] ?? [])
    .map(({ rule, example }) => `${rule}, for example ${example}`)
    .join(', or ')
  const [only] = named
  // A store of that name may have been left out, as `database` without SQLite.
  const hint =
    named.length === 1 && only?.kind !== name
      ? `. This copy of lib/session has no other ${name} store; to add one: npx create-sess-app add --store ${name}`
      : ''
  return values[variable] === undefined
    ? `${variable} is missing; SESSION_STORE=${name} needs it: ${rule}${hint}`
    : `${variable} must be ${rule}${hint}`
}
