import { setTimeout as pause } from 'node:timers/promises'
import type { SessionContext } from '../core/context'
import type { CookieJar } from '../core/cookies'
import { reportEvent } from '../report'
import { getSite } from '../site'

/** A session's surroundings in this app, for one request. @throws {SessionConfigError} */
export function contextOf(jar: CookieJar): SessionContext {
  const { config, keyring, store } = getSite()
  const { cookie, limits } = config
  return { store, jar, keyring, cookie, limits, now: Date.now, onEvent: reportEvent, pause }
}
