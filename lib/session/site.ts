import * as config from './config/config'
import { createKeyring, type Keyring } from './core/keys'
import { reportEvent } from './report'
import { appVariables } from './session-data'
import type { StoreContext } from './stores/context'
import { type LazyStore, lazyStore } from './stores/guard'
import { openStore } from './stores/open'

// To leave out the request trace, delete `trace/` and write here: export { noTracing as tracing } from './tracing'
export { tracing } from './trace'

type SessionConfig = config.SessionConfig

/** What the configuration makes once for all requests. */
export interface Site {
  readonly config: SessionConfig
  readonly keyring: Keyring
  /** Opened by the first call that needs it. */
  readonly store: LazyStore
}

let site: Site | undefined

/** The site of this process. It connects to nothing. @throws {SessionConfigError} */
export function getSite(): Site {
  if (site) return site
  const config = getConfig()
  const context = storeContext(config)
  site = { config, keyring: context.keyring, store: lazyStore(config.store, () => openStore(context)) }
  return site
}

/** The configuration of this process, read at the first call. @throws {SessionConfigError} */
export function getConfig(): SessionConfig {
  return config.getConfig(appVariables)
}

/** The configuration that another environment gives, such as the one of an operator's command. @throws {SessionConfigError} */
export function readConfig(env: Readonly<Record<string, string | undefined>>): SessionConfig {
  return config.readConfig(env, { appVariables })
}

/** What a store is opened with. Warnings are reported as events. */
export function storeContext(config: SessionConfig): StoreContext {
  const warn = (message: string) => reportEvent({ event: 'warning', message })
  return { config, keyring: createKeyring(config.secrets, config.cookie.name), now: Date.now, warn }
}
