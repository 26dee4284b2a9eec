import { sealData } from 'iron-session'
import { describe, expect, test } from 'vitest'
import { createKeyring } from '@/lib/session/core/keys'
import type { SessionRecord } from '@/lib/session/core/store'
import { encodeValue } from '@/lib/session/core/values'
import { createCookieStore } from '@/lib/session/stores/cookie'
import { recordToJson } from '@/lib/session/stores/record'
import { TEST_SECRET } from '@/lib/session/testing/test-site'

const OTHER_SECRET = 'another secret: 0123456789abcdefghijklmnop'
const storeWith = (secrets: [string, ...string[]], cookieName = 'sess') =>
  createCookieStore({ keyring: createKeyring(secrets, cookieName), cookieName, now: Date.now })
const recordOf = (data: Record<string, unknown> = { user: 'ada' }): SessionRecord => ({
  createdAt: 1,
  savedAt: 1,
  avoidTouch: false,
  data: new Map(Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)])),
})

describe('a sealed token', () => {
  test('shows nothing of the data and has only characters that a cookie takes as they are', async () => {
    const { token } = await storeWith([TEST_SECRET]).create(recordOf({ user: 'ada' }), 0)
    expect(token).toMatch(/^[\w-]{16}\.Fe26\.2\*[\w*-]+$/)
    expect(encodeURIComponent(token)).toBe(token)
    expect(Buffer.from(token, 'base64url').toString()).not.toContain('ada')
  })

  test('opens nothing with any single bit flipped', async () => {
    const store = storeWith([TEST_SECRET])
    const bytes = Buffer.from((await store.create(recordOf(), 0)).token, 'latin1')
    const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = Buffer.from(bytes)
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
      return copy.toString('latin1')
    })
    const results = await Promise.all(flipped.map((token) => store.load(token)))
    expect(results.filter((result) => !('refused' in result))).toEqual([])
  })

  test('opens nothing with another last character, not even one that decodes to the same bytes', async () => {
    const store = storeWith([TEST_SECRET])
    const { token } = await store.create(recordOf(), 0)
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    const opening = []
    for (const last of alphabet) {
      const changed = token.slice(0, -1) + last
      if (!('refused' in (await store.load(changed)))) opening.push(changed)
    }
    expect(opening).toEqual([token])
  })

  test('opens nothing when it is cut at any length', async () => {
    const store = storeWith([TEST_SECRET])
    const { token } = await store.create(recordOf(), 0)
    const results = await Promise.all(Array.from(token, (_, length) => store.load(token.slice(0, length))))
    expect(results.filter((result) => !('refused' in result))).toEqual([])
  })

  test('opens nothing with anything after a ~, which iron-session would ignore', async () => {
    const store = storeWith([TEST_SECRET])
    const { token } = await store.create(recordOf(), 0)
    expect(await store.load(`${token}~2`)).toEqual({ refused: 'malformed' })
    expect(await store.load(`${token}~`)).toEqual({ refused: 'malformed' })
  })

  test('opens nothing under the public id of another session', async () => {
    const store = storeWith([TEST_SECRET])
    const [one, two] = [(await store.create(recordOf(), 0)).token, (await store.create(recordOf(), 0)).token]
    const mixed = `${one.split('.')[0]}${two.slice(two.indexOf('.'))}`
    expect(await store.load(mixed)).toEqual({ refused: 'forged' })
  })

  test("opens nothing when it is another app's or another cookie's seal", async () => {
    const { token: elsewhere } = await storeWith([TEST_SECRET], 'other').create(recordOf(), 0)
    expect(await storeWith([TEST_SECRET]).load(elsewhere)).toMatchObject({ refused: 'forged' })
    const ironSession = await sealData(recordToJson(recordOf()), { password: TEST_SECRET, ttl: 0 })
    const token = `${'A'.repeat(16)}.${ironSession.replace('~2', '')}`
    expect(await storeWith([TEST_SECRET]).load(token)).toHaveProperty('refused')
  })

  test('names an unknown key as the reason when its secret is not configured', async () => {
    const { token } = await storeWith([OTHER_SECRET]).create(recordOf(), 0)
    expect(await storeWith([TEST_SECRET]).load(token)).toEqual({ refused: 'unknown-secret' })
  })

  test('that holds something else than a record opens nothing', async () => {
    const [key] = createKeyring([TEST_SECRET], 'sess')
    const seal = await sealData(
      { t: 'A'.repeat(16), v: 99 },
      { password: { [key.id]: key.sealPassword }, ttl: 0 },
    )
    const token = `${'A'.repeat(16)}.${seal.replace('~2', '')}`
    expect(await storeWith([TEST_SECRET]).load(token)).toEqual({ refused: 'malformed' })
  })
})

describe('rotation of secrets', () => {
  test('opens old seals, seals with the newest, whichever id is highest', async () => {
    const { token: old } = await storeWith([OTHER_SECRET]).create(recordOf(), 0)
    for (const secrets of [
      [TEST_SECRET, OTHER_SECRET],
      [OTHER_SECRET, TEST_SECRET],
    ] as [string, string][]) {
      const store = storeWith(secrets)
      expect(await store.load(old)).toHaveProperty('record')
      const resealed = await store.update(old, recordOf(), 0, null)
      const token = typeof resealed === 'object' ? resealed.token : ''
      expect(await storeWith([secrets[0]]).load(token)).toHaveProperty('record')
      expect(await storeWith([secrets[1]]).load(token)).toEqual({ refused: 'unknown-secret' })
    }
  })
})

describe('the size', () => {
  const store = storeWith([TEST_SECRET])
  const sizeOf = async (characters: number) =>
    (await store.create(recordOf({ big: 'x'.repeat(characters) }), 0)).token.length

  test('of name and value together may be 4096 bytes and no more', async () => {
    let characters = 2000
    while ('sess'.length + (await sizeOf(characters + 1).catch(() => 9999)) <= 4096) characters += 1
    expect('sess'.length + (await sizeOf(characters))).toBeGreaterThan(4096 - 24)
    await expect(
      store.create(recordOf({ big: 'x'.repeat(characters + 1), small: 1 }), 0),
    ).rejects.toMatchObject({
      name: 'SessionTooLargeError',
      limitBytes: 4096,
      bytes: expect.any(Number),
      heaviestKeys: [{ key: 'big', bytes: characters + 5 }, { key: 'small' }],
    })
  })

  test('counts bytes, not characters', async () => {
    await expect(store.create(recordOf({ big: '値'.repeat(1000) }), 0)).rejects.toThrow(
      /limit is 4096.*"big" \(3004 bytes\)/,
    )
  })

  test('counts the name of the cookie', async () => {
    const longName = 'n'.repeat(64)
    const filled = async (cookieName: string, characters: number) =>
      storeWith([TEST_SECRET], cookieName).create(recordOf({ big: 'x'.repeat(characters) }), 0)
    let characters = 2500
    while (await filled('s', characters + 1).catch(() => undefined)) characters += 1
    await expect(filled(longName, characters)).rejects.toMatchObject({ name: 'SessionTooLargeError' })
  })
})

describe('times in a seal', () => {
  const now = Date.UTC(2026, 0, 1)
  const store = createCookieStore({
    keyring: createKeyring([TEST_SECRET], 'sess'),
    cookieName: 'sess',
    now: () => now,
  })

  test.each([
    ['in the future', now + 60_001, now + 60_001],
    ['that Date cannot hold', 8.64e15 + 1, 8.64e15 + 1],
    ['before 1970', -1, now],
    ['of a save before the creation', now, now - 1],
  ])('%s are malformed', async (_what, createdAt, savedAt) => {
    const { token } = await store.create({ createdAt, savedAt, avoidTouch: false, data: new Map() }, now)
    expect(await store.load(token)).toEqual({ refused: 'malformed' })
  })

  test('of a server whose clock is a minute ahead open', async () => {
    const record = { createdAt: now + 60_000, savedAt: now + 60_000, avoidTouch: false, data: new Map() }
    expect(await store.load((await store.create(record, now)).token)).toMatchObject({ record })
  })
})
