import { SessionConfigError } from '../core/errors'
import type { SessionStore } from '../core/store'
import type { StoreOptions } from './about'
import { aboutStore } from './choose'
import type { StoreContext, StoreModule } from './context'
import { withDeadline } from './deadline'
import { createMigratingStore } from './migrating'

/**
 * The store that the configuration names, with a deadline on every call. A server is not connected before the first
 * call needs it. @throws {SessionConfigError} when a package is missing, or a file cannot be opened
 */
export async function openStore(context: StoreContext): Promise<SessionStore> {
  const { storeOptions, migrateFrom } = context.config
  const store = await open(storeOptions, context)
  return migrateFrom ? createMigratingStore({ to: store, from: await open(migrateFrom, context) }) : store
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

async function open(options: StoreOptions, context: StoreContext): Promise<SessionStore> {
  const { store, connection } = await (await moduleOf(options)).open(options, context)
  const closable = connection ? { ...store, close: async () => void (await connection.close()) } : store
  return withDeadline(closable, context.config.storeTimeoutMs)
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
