import { createHash, randomBytes } from 'node:crypto'

const TOKEN_BYTES = 32

/** A new token for a store on the server: 256 random bits (OWASP Session Management: at least 64), base64url. */
export function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/** Whether a text has the form of `createToken`; it may never have been issued. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

/** The name under which a store keeps a token's record. A reader of the store learns no usable token. */
export function storageKey(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Whether a text has the form of `storageKey`. */
export function isStorageKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

/** A text that was never used before: 96 random bits, 16 characters of base64url. */
export function createNonce(): string {
  return randomBytes(12).toString('base64url')
}
