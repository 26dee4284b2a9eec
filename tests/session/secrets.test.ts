import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isGuessable } from '@/lib/session/config/secrets'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const ALPHANUMERIC = `${LETTERS}${LETTERS.toUpperCase()}0123456789`
const SYLLABLES = [
  'ah',
  'ai',
  'b',
  'ch',
  'd',
  'ee',
  'g',
  'oo',
  'ph',
  'th',
  'u',
  'v',
  'w',
  'qu',
  'e',
  'i',
  'n',
  'j',
]

const oneOf = <T>(choices: ArrayLike<T>): T => choices[randomInt(choices.length)] as T
const repeat = (make: () => string, length: number) => {
  let text = ''
  while (text.length < length) text += make()
  return text.slice(0, length)
}

/** Like those of pwgen: it can be pronounced, and holds capitals and digits. */
function pronounceable(): string {
  const part = () => {
    const syllable = oneOf(SYLLABLES)
    if (randomInt(8) === 0) return syllable.toUpperCase()
    return randomInt(8) === 0 ? `${syllable}${randomInt(10)}` : syllable
  }
  return repeat(part, 32)
}

describe('a random secret is never taken for a guessable one', () => {
  test.each<[how: string, make: () => string]>([
    ['openssl rand -base64 32', () => randomBytes(32).toString('base64')],
    ['openssl rand -hex 32', () => randomBytes(32).toString('hex')],
    ['openssl rand -hex 16', () => randomBytes(16).toString('hex').toUpperCase()],
    ['32 bytes in base64url', () => randomBytes(32).toString('base64url')],
    ['a UUID', randomUUID],
    ['two UUIDs', () => `${randomUUID()}${randomUUID()}`],
    ['32 letters and digits', () => repeat(() => oneOf(ALPHANUMERIC), 32)],
    ['32 lower-case letters', () => repeat(() => oneOf(LETTERS), 32)],
    ['32 visible characters', () => repeat(() => String.fromCharCode(randomInt(33, 127)), 32)],
    ['pwgen', pronounceable],
  ])('%s, 10,000 times', (_how, make) => {
    for (let n = 0; n < 10_000; n++) {
      const secret = make()
      if (isGuessable(secret)) expect.fail(`${secret} was refused`)
    }
  })

  test('also behind words, as in my-app-secret-3f9c…', () => {
    expect(isGuessable(`my-app-secret-${randomBytes(16).toString('hex')}`)).toBe(false)
  })
})

test.each([
  '12345678'.repeat(4),
  'a'.repeat(40),
  'ab'.repeat(20),
  'Vt3kq9Zw'.repeat(5),
  'deadbeef'.repeat(4),
  'Tr0ub4dor&3Tr0ub4dor&3Tr0ub4dor&3',
  'change-me-change-me-change-me-change-me',
  'aaaaaaaabbbbbbbbccccccccdddddddd',
  '11111111222222223333333344444444',
  '0000000000000000000000000000000000000001',
  '0123456789abcdefghijklmnopqrstuvwxyz',
  '0123456789abcdef0123456789abcdef',
  'zyxwvutsrqponmlkjihgfedcba987654',
  'a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6',
  '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
  'qwertyuiopasdfghjklzxcvbnm123456',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9',
  'complex_password_at_least_32_characters_long',
  'this-is-a-secret-value-with-at-least-32-characters',
  'this is a secret that is at least thirty two characters long, please change it',
  'your_secret_key_here_at_least_32_chars',
  'generate_me_with_openssl_rand_base64_32',
  'NOT_A_REAL_SECRET_JUST_FOR_TESTING_PURPOSES',
  'pleasechangethissecretinproduction',
  'MyVerySecretSessionKeyForNextJsApp',
  'MySuperSecretKey1234567890123456',
  's3cr3t-k3y-f0r-my-n3xt-js-4pp-2024',
  'correct horse battery staple correct horse',
  'correcthorsebatterystapleexample',
  'my grandmother bakes excellent blueberry pancakes',
  'monkey dragon football baseball shadow master',
  'keyboard cat keyboard cat keyboard cat',
  'lorem ipsum dolor sit amet consectetur adipiscing',
])('%s can be guessed', (secret) => {
  expect(secret.length).toBeGreaterThanOrEqual(32)
  expect(isGuessable(secret)).toBe(true)
})
