import { describe, expect, test } from 'vitest'
import { createKeyring, isSigned, publicIdOf, sign } from '@/lib/session/core/keys'
import { createToken, isToken, storageKey } from '@/lib/session/stores/tokens'

const OLD = 'old secret old secret old secret old secret'
const NEW = 'new secret new secret new secret new secret'

describe('keys', () => {
  test('have ids of the secret itself, so that reordering never mistakes one for another', () => {
    const [a, b] = createKeyring([OLD, NEW], 'sess')
    const [c, d] = createKeyring([NEW, OLD], 'sess')
    expect([a, b]).toEqual([d, c])
    expect(a.id).toMatch(/^\d+$/)
    expect(a.id).not.toBe(b?.id)
  })

  test('differ by cookie name and by purpose', () => {
    const [one] = createKeyring([NEW], 'sess')
    const [other] = createKeyring([NEW], 'other')
    expect(one.sealPassword).not.toBe(other.sealPassword)
    expect(one.touchKey).not.toEqual(other.touchKey)
    expect(Buffer.from(one.touchKey).toString('base64url')).not.toBe(one.sealPassword)
  })

  test('verify a MAC under any of the secrets and under no other', () => {
    const [old] = createKeyring([OLD], 'sess')
    const both = createKeyring([NEW, OLD], 'sess').map(({ touchKey }) => touchKey)
    const mac = sign('text', old.touchKey)
    expect(isSigned('text', mac, both)).toBe(true)
    expect(isSigned('text', mac, both.slice(0, 1))).toBe(false)
    expect(isSigned('Text', mac, both)).toBe(false)
    expect(isSigned('text', '', both)).toBe(false)
  })
})

describe('a token', () => {
  test('has 256 random bits, and is stored under its SHA-256', () => {
    const token = createToken()
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    expect(isToken(token)).toBe(true)
    expect(createToken()).not.toBe(token)
    expect(storageKey(token)).toMatch(/^[0-9a-f]{64}$/)
    expect(isToken(storageKey(token))).toBe(false)
  })

  test('has a public id that tells neither the token nor its storage key', () => {
    const token = createToken()
    expect(publicIdOf(token)).toMatch(/^[\w-]{16}$/)
    expect(token).not.toContain(publicIdOf(token))
    expect(storageKey(token)).not.toContain(Buffer.from(publicIdOf(token), 'base64url').toString('hex'))
    expect(publicIdOf('abc.seal')).toBe('abc')
  })
})
