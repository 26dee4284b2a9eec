import fc from 'fast-check'
import { RequestCookies } from 'next/dist/server/web/spec-extension/cookies'
import { NextRequest } from 'next/server'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createKeyring } from '@/lib/session/core/keys'
import { signTouch } from '@/lib/session/core/touch-cookie'
import { cookieValues, withCookie, withLastCookie } from '@/lib/session/next/cookie-header'
import { createCookieStore } from '@/lib/session/stores/cookie'
import { TEST_SECRET } from '@/lib/session/testing/test-records'

const NAME = '__Host-sess_touch'

/** Whitespace of every kind, one of which HTTP trims at the edges, and what browsers let into a name. */
const space = fc.constantFrom('', ' ', '  ', '\t', '\u00A0', '\u0085', '\u000B', '\u000C', ' \t')
const ownName = fc.constantFrom(NAME, NAME.toLowerCase(), NAME.toUpperCase(), `${NAME}_2`, '__Host-sess')
const anyName = fc.oneof(ownName, fc.constantFrom('a', '', '"a"', '%61', '%', '{', '__proto__', '\u00E9'))
const anyValue = fc.constantFrom(
  '',
  '1',
  '"q"',
  '%41',
  '%E0%A4%A',
  '%',
  'a=b',
  '{"x": 1}',
  '=',
  ',',
  '\u00FF',
)
const pair = fc
  .tuple(space, anyName, space, fc.boolean(), space, anyValue, space)
  .map(([before, name, around, hasValue, after, value, end]) =>
    hasValue ? `${before}${name}${around}=${after}${value}${end}` : `${before}${name}${around}`,
  )
const separator = fc.constantFrom(';', '; ', ';  ', ';;', '; ;', ';\t', ' ; ', ';\u00A0')
const header = fc
  .array(fc.tuple(pair, separator), { maxLength: 8 })
  .map((parts) => parts.flat().join(''))
  .map((text) => new Headers({ cookie: text }).get('cookie') ?? '') // as a server hands it on
/** As the library's own values, and some that need to be encoded. */
const ownValue = fc.constantFrom(
  'tag.mwvx14xc.mwvx14xd.0.ILZCAS2NBbOPjfq3Atxm3w',
  'Fe26.2*1*-_',
  '',
  'a; b=c',
  '%',
)

function readByNext(cookie: string): Map<string, string> {
  const cookies = new RequestCookies(new Headers({ cookie }))
  return new Map(cookies.getAll().map(({ name, value }) => [name, value]))
}

describe('any Cookie header', () => {
  test('reads, after one cookie was set in it, as before and with that cookie', () => {
    fc.assert(
      fc.property(header, ownValue, (sent, value) => {
        const wanted = readByNext(sent).set(NAME, value)
        const rewritten = withCookie(sent, NAME, value)
        expect(readByNext(rewritten)).toEqual(wanted)
        expect(new Headers({ cookie: rewritten }).get('cookie')).toBe(rewritten)
        expect(new Set(cookieValues(rewritten, NAME))).toEqual(new Set([value]))
      }),
      { numRuns: 3000 },
    )
  })

  test('keeps every byte that is not of that cookie', () => {
    const isOwn = (part: string) => part === NAME || part.startsWith(`${NAME}=`)
    fc.assert(
      fc.property(header, (sent) => {
        const parts = sent.split(/(; *)/)
        const replaced = parts.map((part) => (isOwn(part) ? `${NAME}=new` : part)).join('')
        const appended = sent === '' ? `${NAME}=new` : `${sent}; ${NAME}=new`
        expect(withCookie(sent, NAME, 'new')).toBe(parts.some(isOwn) ? replaced : appended)
      }),
      { numRuns: 1000 },
    )
  })

  test('gives the last of a name as Next.js does, and all of them in the order sent', () => {
    fc.assert(
      fc.property(header, (sent) => {
        expect(cookieValues(sent, NAME).at(-1)).toBe(readByNext(sent).get(NAME))
      }),
      { numRuns: 3000 },
    )
    expect(cookieValues('a=1; b=2;a=3; a; a=%E0%A4%A; A=4; a =5', 'a')).toEqual(['1', '3', 'true'])
    expect(cookieValues(null, 'a')).toEqual([])
  })

  test('reads the cookie that was chosen, with all that were sent still in it', () => {
    fc.assert(
      fc.property(header, ownValue, (sent, value) => {
        const chosen = withLastCookie(sent, NAME, value)
        expect(readByNext(chosen)).toEqual(readByNext(sent).set(NAME, value))
        expect(chosen.startsWith(sent)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the proxy', () => {
  beforeEach(() => {
    vi.resetModules()
    vi.stubEnv('SESSION_SECRET', TEST_SECRET)
    vi.stubEnv('SESSION_TOUCH_SECONDS', '0')
  })

  test.each(['\u00A0', '\u0085', '\u000B', '\u00A0\u00A0', '"', '%20'])(
    'makes no session of a cookie whose name begins with %j',
    async (before) => {
      const { touchSession } = await import('@/lib/session/next')
      const keyring = createKeyring([TEST_SECRET], 'sess')
      const store = createCookieStore({ keyring, cookieName: 'sess', now: Date.now })
      const [now, avoidTouch, data] = [Date.now(), false, new Map()]
      const { token } = await store.create({ createdAt: now, savedAt: now, avoidTouch, data }, now + 60_000)
      const publicId = token.slice(0, token.indexOf('.'))
      const touch = signTouch({ publicId, createdAt: now, lastSeenAt: now, avoidedBy: 'none' }, keyring)

      const sent = `sess=${token}; sess_touch=${touch}; ${before}sess=planted; ${before}sess_touch=planted`
      const response = await touchSession(new NextRequest('http://localhost/', { headers: { cookie: sent } }))

      const seen = response.headers.get('x-middleware-request-cookie') ?? ''
      expect(seen).not.toBe(sent)
      expect(readByNext(seen)).toEqual(
        readByNext(sent).set('sess_touch', readByNext(seen).get('sess_touch') ?? ''),
      )
    },
  )
})
