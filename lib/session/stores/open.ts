import type { SessionStore } from '../core/store'
import type { StoreOptions } from './about'
import { aboutStore } from './choose'
import type { StoreContext, StoreModule } from './context'
import { SessionConfigError } from './errors'
import { guardStore } from './guard'
import { createMigratingStore } from './migrating'

/** A store, with the abilities that it has, and what ends its connection. */
export type OpenedStore = SessionStore & { close(): Promise<void> }

/**
 * The store that the configuration names, with a deadline on every call. A server is not connected before the first
 * call needs it. @throws {SessionConfigError} when a package is missing, or a file cannot be opened
 */
export async function openStore(context: StoreContext): Promise<OpenedStore> {
  const { storeOptions, migrateFrom } = context.config
  const store = await open(storeOptions, context)
  if (!migrateFrom) return store
  const old = await open(migrateFrom, context)
  const close = async () => void (await Promise.all([store.close(), old.close()]))
  return { ...createMigratingStore({ to: store, from: old }), close }
}

/**
 * What is wrong with the configured stores on this machine: a file or a package, for example. A store's server is not
 * asked. Warnings go to `warn` of the context.
 */
export async function findStoreProblems(context: StoreContext): Promise<string[]> {
  const { storeOptions, migrateFrom } = context.config
  const problems: string[] = []
  for (const options of [storeOptions, migrateFrom]) {
    if (!options) continue
    try {
      const { check } = await moduleOf(options)
      const findings = check ? await check(options, context) : void (await open(options, context))
      for (const { level, text } of findings ?? []) {
        if (level === 'problem') problems.push(text)
        if (level === 'warning') context.warn?.(text)
      }
    } catch (error) {
      if (!(error instanceof SessionConfigError)) throw error
      problems.push(...error.problems)
    }
  }
  return problems
}

async function open(options: StoreOptions, context: StoreContext): Promise<OpenedStore> {
  const { store, connection } = await (await moduleOf(options)).open(options, context)
  const guarded = guardStore(store, context.config.storeTimeoutMs)
  return { ...guarded, close: async () => void (await connection?.close()) }
}

/** `open.ts` of the store, imported now that the store is used: its packages may be missing where it is not. */
async function moduleOf(options: StoreOptions): Promise<StoreModule> {
  const about = aboutStore(options)
  try {
    return await about.open()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    if (!isMissing || about.packages.length === 0) throw error
    throw new SessionConfigError([
      `Sessions in ${about.label} need packages that are not installed; run: npm install ${about.packages.join(' ')}`,
    ])
  }
}
