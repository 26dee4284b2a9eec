import { shared } from '../connections'
import type { Opener } from '../opener'
import { createCookieStore } from '.'

export const open: Opener<'cookie'> = async (_backend, { config, keyring, now }) => {
  // Pages, routes and the proxy each have their own instance of this module: what one ended, all of them know.
  const { client: ended } = await shared('ended cookies', () => ({
    client: new Map<string, number>(),
    close() {},
  }))
  return { store: createCookieStore({ keyring, cookieName: config.cookie.name, ended, now }) }
}
