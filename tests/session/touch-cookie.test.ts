import { expect, test } from 'vitest'
import { createKeyring } from '@/lib/session/core/keys'
import { readTouch, signTouch, type Touch } from '@/lib/session/core/touch-cookie'
import { TEST_SECRET } from '@/lib/session/testing/test-site'

const NOW = Date.UTC(2026, 0, 1)
const keyring = createKeyring([TEST_SECRET], 'sess')
const sent: Touch = { publicId: 'publicId', createdAt: NOW - 1000, lastSeenAt: NOW, avoidedBy: 'none' }

const readBack = (times: Partial<Touch>) =>
  readTouch(signTouch({ ...sent, ...times }, keyring), 'publicId', keyring, NOW)

test('a touch cookie says what was signed', () => {
  expect(readBack({})).toEqual(sent)
  expect(
    readBack({ createdAt: NOW + 60_000, lastSeenAt: NOW + 60_000 }),
    'a clock a minute ahead',
  ).toBeDefined()
})

test.each<[string, Partial<Touch>]>([
  ['seen more than a minute in the future', { lastSeenAt: NOW + 60_001 }],
  ['made more than a minute in the future', { createdAt: NOW + 60_001 }],
  ['seen at a time that Date cannot hold', { lastSeenAt: 36 ** 11 - 1 }],
  ['made at a time that Date cannot hold', { createdAt: 36 ** 11 - 1 }],
])('a touch cookie %s means nothing, although it is signed', (_what, times) => {
  expect(readBack(times)).toBeUndefined()
})
