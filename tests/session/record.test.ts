import { describe, expect, test } from 'vitest'
import { createKeyring, publicIdOf } from '@/lib/session/core/keys'
import type { SessionRecord } from '@/lib/session/core/store'
import { decodeValue, encodeValue } from '@/lib/session/core/values'
import { SessionTooLargeError } from '@/lib/session/stores/errors'
import {
  createRecordText,
  markedUntil,
  markText,
  type RecordFields,
  recordFromJson,
  recordToJson,
} from '@/lib/session/stores/record'
import { createToken, storageKey } from '@/lib/session/stores/tokens'

const OLD = 'old: 0123456789abcdefghijklmnopqrstuvwxyz'
const NEW = 'new: 0123456789abcdefghijklmnopqrstuvwxyz'
const NOW = Date.UTC(2026, 0, 1)

const recordsOf = (secrets: [string, ...string[]], cookieName = 'sess', maxBytes = 4096) =>
  createRecordText({ keyring: createKeyring(secrets, cookieName), maxBytes, now: () => NOW })

const records = recordsOf([NEW])
const token = createToken()
const name = storageKey(token)

function recordOf(data: Record<string, unknown> = {}, times: Partial<SessionRecord> = {}): SessionRecord {
  const encoded = Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)] as const)
  return { createdAt: NOW - 1, savedAt: NOW, avoidTouch: false, data: new Map(encoded), ...times }
}

const written = (record = recordOf({ user: 'ada' }), fields?: RecordFields) =>
  records.write(token, record, fields)

test('a record comes back from its text, with what the store put beside it', () => {
  const fields = { epoch: 'e', version: 'v', expiresAt: NOW + 1 }
  const read = records.read(name, written(recordOf({ user: 'ada' }), fields))
  expect(read).toEqual({ record: recordOf({ user: 'ada' }), publicId: publicIdOf(token), ...fields })
})

test('a record opens under no other name', () => {
  expect(records.read(storageKey(createToken()), written())).toEqual({ refused: 'forged' })
})

test.each([
  ['another secret', recordsOf([OLD]), 'unknown-secret'],
  ['another cookie name', recordsOf([NEW], 'other'), 'forged'],
])('a record does not open in an app with %s', (_which, other, refused) => {
  expect(other.read(name, written())).toEqual({ refused })
})

test('a record that was changed in one place does not open', () => {
  const text = written()
  for (let at = 0; at < text.length; at++) {
    const changed = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`
    expect(records.read(name, changed), changed).toHaveProperty('refused')
    expect(records.read(name, text.slice(0, at))).toHaveProperty('refused')
  }
  expect(records.read(name, `${text} `)).toEqual({ refused: 'forged' })
})

test.each([[undefined], [null], [12], [''], ['{}'], ['.'], ['1.x.{}']])(
  'what is no text of a record is malformed: %j',
  (text) => {
    expect(records.read(name, text)).toEqual({ refused: 'malformed' })
  },
)

test('every secret opens, and the newest signs', () => {
  const old = recordsOf([OLD]).write(token, recordOf())
  expect(recordsOf([NEW, OLD]).read(name, old)).not.toHaveProperty('refused')
  expect(recordsOf([OLD, NEW]).read(name, written())).not.toHaveProperty('refused')
  const saved = recordsOf([NEW, OLD]).write(token, recordOf())
  expect(records.read(name, saved)).not.toHaveProperty('refused')
  expect(records.read(name, old)).toEqual({ refused: 'unknown-secret' })
})

test.each<[string, Partial<SessionRecord>]>([
  ['made more than a minute in the future', { createdAt: NOW + 60_001, savedAt: NOW + 60_001 }],
  ['saved more than a minute in the future', { savedAt: NOW + 60_001 }],
  ['saved before it was made', { savedAt: NOW - 2 }],
  ['made before 1970', { createdAt: -1 }],
  ['with a time that Date cannot hold', { createdAt: 8.64e15 + 1, savedAt: 8.64e15 + 1 }],
  ['with a fraction of a millisecond', { createdAt: 0.5 }],
])('a record %s is malformed, although it is signed', (_what, times) => {
  expect(records.read(name, written(recordOf({}, times)))).toEqual({ refused: 'malformed' })
})

test('a record of a server whose clock is a minute ahead opens', () => {
  const ahead = recordOf({}, { createdAt: NOW + 60_000, savedAt: NOW + 60_000 })
  expect(records.read(name, written(ahead))).toMatchObject({ record: ahead })
})

test('a record that is too large is not written: the error has the size, the limit, the heaviest keys and what to do', () => {
  const record = recordOf({ note: 'é'.repeat(2500), user: 'ada' })
  const error = (() => {
    try {
      return written(record)
    } catch (thrown) {
      return thrown
    }
  })()
  if (!(error instanceof SessionTooLargeError)) throw error
  expect(error.limitBytes).toBe(4096)
  expect(error.bytes).toBeGreaterThan(5000)
  expect(error.heaviestKeys[0]).toMatchObject({ key: 'note' })
  expect(error.message).toMatch(/raise SESSION_MAX_BYTES/)
})

test('one byte more than the limit is too much, and the limit itself is not', () => {
  const { length } = written()
  expect(recordsOf([NEW], 'sess', length).write(token, recordOf({ user: 'ada' }))).toHaveLength(length)
  expect(() => recordsOf([NEW], 'sess', length - 1).write(token, recordOf({ user: 'ada' }))).toThrow(
    SessionTooLargeError,
  )
})

test('what was stored before the limit was lowered still opens', () => {
  expect(recordsOf([NEW], 'sess', 10).read(name, written())).not.toHaveProperty('refused')
})

test('a list tells of what verifies and of nothing else', () => {
  const text = written()
  expect(records.list(name, text, NOW + 1)).toEqual({
    name,
    publicId: publicIdOf(token),
    createdAt: NOW - 1,
    savedAt: NOW,
    expiresAt: NOW + 1,
    bytes: text.length,
  })
  expect(recordsOf([OLD]).list(name, text, NOW + 1)).toBeUndefined()
  for (const absurd of [1e300, Number.POSITIVE_INFINITY, Number.NaN, -1])
    expect(records.list(name, text, absurd)).toBeUndefined()
})

describe('the JSON of a record', () => {
  const data = new Map([['a', encodeValue('a', { b: '<' })]])
  const record = { createdAt: 1, savedAt: 2, avoidTouch: true, data }

  test('comes back from JSON', () => {
    const back = recordFromJson(JSON.parse(JSON.stringify(recordToJson(record))), 10)
    expect(back).toMatchObject({ createdAt: 1, savedAt: 2, avoidTouch: true })
    expect(decodeValue(back?.data.get('a') ?? '')).toEqual({ b: '<' })
  })

  test.each([
    [null],
    [1],
    ['text'],
    [{}],
    [{ v: 1, c: 1, s: 1, a: 0, d: [] }],
    [{ v: 2, c: '1', s: 1, a: 0, d: [] }],
    [{ v: 2, c: 2, s: 1, a: 0, d: [] }],
    [{ v: 2, c: -1, s: 1, a: 0, d: [] }],
    [{ v: 2, c: 1, s: 1.5, a: 0, d: [] }],
    [{ v: 2, c: 1, s: 60_011, a: 0, d: [] }],
    [{ v: 2, c: 8.64e15 + 1, s: 8.64e15 + 1, a: 0, d: [] }],
  ])('is not made of other JSON: %j', (json) => {
    expect(recordFromJson(json, 10)).toBeUndefined()
  })

  test('of a server whose clock is a minute ahead is read', () => {
    expect(recordFromJson({ v: 2, c: 60_010, s: 60_010, a: 0, d: [] }, 10)).toMatchObject({
      createdAt: 60_010,
    })
  })

  test('is not made of a list of data that has no value for its last key, or a key that is no text', () => {
    expect(recordFromJson({ v: 2, c: 1, s: 1, a: 0, d: ['a'] }, 10)).toBeUndefined()
    expect(recordFromJson({ v: 2, c: 1, s: 1, a: 0, d: [1, [1]] }, 10)).toBeUndefined()
  })
})

test('the mark of a session that ended says until when it stays, and nothing else is a mark', () => {
  expect(markedUntil(markText(NOW))).toBe(NOW)
  expect(['', 'ended', 'ended soon', 'ended 1 ', written()].map(markedUntil)).toEqual(
    Array(5).fill(undefined),
  )
})
