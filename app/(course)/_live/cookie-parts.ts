/** One part of a session cookie: its purpose and its size. */
export interface CookiePart {
  name: string
  purpose: string
  /** The first six characters. */
  start: string
  bytes: number
}

const SEAL: readonly [name: string, purpose: string][] = [
  ['Public id', 'names the session; the seal contains it too'],
  ['Format', 'Fe26.2, the seal format of iron-session'],
  ['Key id', 'which secret made the seal'],
  ['Salt of the encryption', 'gives every seal an encryption key of its own'],
  ['Initialisation vector', 'makes two seals of the same data look different'],
  ['Ciphertext', 'your data and the session’s times, encrypted with AES-256-CBC'],
  ['Expiry', 'empty, because the times are in the ciphertext'],
  ['Salt of the signature', 'gives every seal a signing key of its own'],
  [
    'Signature',
    'HMAC-SHA-256 of everything from the format to the expiry; after one changed bit the server rejects the seal',
  ],
]

/** The parts of a cookie's value. The token of a store on the server is one part, because it has no inner structure. */
export function partsOf(value: string): CookiePart[] {
  const pieces = piecesOf(value)
  return pieces.map((text, index) => {
    const [name, purpose] =
      pieces.length === 1
        ? ['Token', '256 random bits; your data is in the store']
        : (SEAL[index] ?? ['Separators', 'dots and stars between the parts'])
    return { name, purpose, start: text.slice(0, 6), bytes: text.length }
  })
}

/** Changes one bit in the middle of the value's largest part. A second call changes it back. */
export function flipBit(value: string): string {
  const largest = piecesOf(value).reduce((best, next) => (next.length > best.length ? next : best))
  const at = value.indexOf(largest) + Math.floor(largest.length / 2)
  const digit = BASE64URL.indexOf(value.charAt(at))
  return digit === -1 ? value : value.slice(0, at) + BASE64URL.charAt(digit ^ 1) + value.slice(at + 1)
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A seal is `publicId.Fe26.2*id*salt*iv*data*expiry*salt*mac`. Anything else is a token. */
function piecesOf(value: string): string[] {
  const [, publicId, seal] = value.match(/^([\w-]+)\.(Fe26\.2\*.+)$/) ?? []
  return publicId && seal ? [publicId, ...seal.split('*')] : [value]
}
