import { sharedConnection } from '../connections'
import type { OpenStore } from '../context'
import { createCookieStore } from '.'
import type { CookieOptions } from './about'

export const open: OpenStore<CookieOptions> = async (_options, { config, keyring, now }) => {
  // Pages, routes and the proxy each have their own instance of this module: what one ended, all of them know.
  const { client: ended } = await sharedConnection('ended cookies', () => ({
    client: new Map<string, number>(),
    close() {},
  }))
  return { store: createCookieStore({ keyring, cookieName: config.cookie.name, ended, now }) }
}
