import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

const PUBLIC_ID_CHARACTERS = 16 // 96 bits

/** What one secret gives: a numeric id, the password that seals cookies, and keys that sign records and touch cookies. */
export interface DerivedKey {
  /** Numeric, because iron-session demands it; of the secret itself, so reordering secrets never mistakes one. */
  readonly id: string
  readonly sealPassword: string
  readonly touchKey: Uint8Array
  readonly recordKey: Uint8Array
}

/** Keys newest first: the first seals and signs, all of them open and verify. */
export type Keyring = readonly [DerivedKey, ...DerivedKey[]]

/**
 * Derives the keys by HKDF-SHA-256 (RFC 5869). The labels bind purpose and cookie name: a seal of another cookie,
 * of another app with the same secret, or a MAC made for another purpose never verifies here.
 */
export function createKeyring(secrets: readonly [string, ...string[]], cookieName: string): Keyring {
  const derive = (secret: string): DerivedKey => ({
    id: String(Buffer.from(hkdf(secret, 'key id', 4)).readUInt32BE()),
    sealPassword: Buffer.from(hkdf(secret, `seal ${cookieName}`, 32)).toString('base64url'),
    touchKey: hkdf(secret, `touch ${cookieName}`, 32),
    recordKey: hkdf(secret, `record ${cookieName}`, 32),
  })
  const [newest, ...older] = secrets
  return [derive(newest), ...older.map(derive)]
}

/** The MAC of a text under one key: base64url, 128 bits. */
export function sign(text: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(text).digest().subarray(0, 16).toString('base64url')
}

/** Whether `mac` is the MAC of `text` under any of the keys, compared in constant time. */
export function isSigned(text: string, mac: string, keys: readonly Uint8Array[]): boolean {
  const given = Buffer.from(mac)
  return keys.some((key) => {
    const expected = Buffer.from(sign(text, key))
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
}

/**
 * The public id of a token, safe to show. A sealed token names it before its first dot; of a random token it is
 * an HMAC under a fixed label, which reveals neither the token nor its storage name.
 */
export function publicIdOf(token: string): string {
  const dot = token.indexOf('.')
  if (dot !== -1) return token.slice(0, dot)
  return createHmac('sha256', 'sess tag').update(token).digest('base64url').slice(0, PUBLIC_ID_CHARACTERS)
}

function hkdf(secret: string, label: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `sess v1 ${label}`, bytes))
}
