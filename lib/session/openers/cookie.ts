import { createCookieStore } from '../stores/cookie'
import type { Opener } from './opener'

export const open: Opener<'cookie'> = async (_backend, { config, keyring, now }) => ({
  store: createCookieStore({ keyring, cookieName: config.cookie.name, now }),
})
