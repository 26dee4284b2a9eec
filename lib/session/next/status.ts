import { cookies } from 'next/headers'
import { connection } from 'next/server'
import { attributesFor, COOKIE_LIMIT_BYTES } from '../core/cookies'
import { getSite } from '../site'

/** What a page may show about sessions here. Nothing of it is secret. */
export async function sessionStatus() {
  await connection() // each export waits for a request: a build has no secret, and would freeze what it reads
  const { config, keyring } = getSite()
  const { store, cookie, limits } = config
  const value = (await cookies()).get(cookie.name)?.value
  return {
    store,
    /** Names the secret that seals and signs, and reveals nothing of it. */
    keyId: keyring[0].id,
    cookieName: cookie.name,
    cookieAttributes: attributesFor(cookie, limits.absoluteMs),
    /** Name and value as the browser counts them; 0 without a cookie. */
    cookieBytes: value === undefined ? 0 : cookie.name.length + value.length,
    cookieLimitBytes: COOKIE_LIMIT_BYTES,
    idleSeconds: limits.idleMs / 1000,
    absoluteSeconds: limits.absoluteMs / 1000,
    touchSeconds: limits.touchMs / 1000,
    avoidTouch: limits.avoidTouch,
  }
}
