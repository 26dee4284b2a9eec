/** One part of a session cookie: what it is for, and how much of the cookie it takes. */
export interface CookiePart {
  name: string
  purpose: string
  /** Its first characters; never the whole. */
  start: string
  bytes: number
}

const SEAL: readonly [name: string, purpose: string][] = [
  ['Public id', 'names the session; repeated inside the seal'],
  ['Format', 'Fe26.2, the seal of iron-session'],
  ['Key id', 'which secret it was sealed under'],
  ['Salt of the encryption', 'makes each seal’s key its own'],
  ['Initialisation vector', 'the same data never looks the same twice'],
  ['Ciphertext', 'your data and its times, AES-256-CBC'],
  ['Expiry', 'empty: the times inside count'],
  ['Salt of the signature', 'the same for the signing key'],
  ['Signature', 'HMAC-SHA-256, from the format to the expiry: one changed bit and nothing opens'],
]

/** A cookie's value, taken apart. A token of a store on the server is one part: it means nothing by itself. */
export function partsOf(value: string): CookiePart[] {
  const pieces = piecesOf(value)
  return pieces.map((text, index) => {
    const [name, purpose] =
      pieces.length === 1
        ? ['Token', '256 random bits; all data is in the store']
        : (SEAL[index] ?? ['Separators', 'dots and stars between the parts'])
    return { name, purpose, start: text.slice(0, 6), bytes: text.length }
  })
}

/** The value with one bit changed, in the middle of its largest part; done twice it is as it was. */
export function flipBit(value: string): string {
  const largest = piecesOf(value).reduce((best, next) => (next.length > best.length ? next : best))
  const at = value.indexOf(largest) + Math.floor(largest.length / 2)
  const digit = BASE64URL.indexOf(value.charAt(at))
  return digit === -1 ? value : value.slice(0, at) + BASE64URL.charAt(digit ^ 1) + value.slice(at + 1)
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** `tag.Fe26.2*id*salt*iv*data*expiry*salt*mac`, or a token. */
function piecesOf(value: string): string[] {
  const [, tag, seal] = value.match(/^([\w-]+)\.(Fe26\.2\*.+)$/) ?? []
  return tag && seal ? [tag, ...seal.split('*')] : [value]
}
