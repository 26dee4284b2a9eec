import { describe, expect, test } from 'vitest'
import type { CookieSettings } from '@/lib/session/core/cookies'
import { expiredVariants, type RequestPlace } from '@/lib/session/next/cookie-variants'
import { type PlantedCookie, TestBrowser } from '@/lib/session/testing/test-browser'
import type { OpenOptions, TestSite } from '@/lib/session/testing/test-site'
import { cookieSite, describeEachStore } from './each-store'

const settings: CookieSettings = {
  name: 'sess',
  secure: true,
  sameSite: 'lax',
  path: '/',
  domain: undefined,
  persist: true,
}
const EVERYWHERE = { parentDomains: true, anyPath: true }

function places(changed: Partial<CookieSettings>, place: RequestPlace, scope = EVERYWHERE): string[] {
  return expiredVariants({ ...settings, ...changed }, place, scope).map(
    ({ domain, path }) => `${domain ?? ''}${path}`,
  )
}

/** A request of a browser at this place. */
const at = (place: RequestPlace, { cookie }: TestSite): OpenOptions => ({
  variants: (scope) => expiredVariants(cookie, place, scope),
})

describe('what an earlier configuration may have left under the name of a cookie', () => {
  test.each([
    [{}, { host: 'localhost', path: '/' }, []],
    [{ path: '/app' }, { host: 'localhost' }, ['/']],
    [{}, { host: 'shop.example.com' }, ['shop.example.com/', 'example.com/']],
    [{ domain: 'example.com' }, { host: 'shop.example.com' }, ['/', 'shop.example.com/']],
    // A browser ignores the dot and case: these two are the configured cookie itself.
    [{ domain: '.Example.com' }, { host: 'EXAMPLE.com' }, ['/']],
    [{ domain: 'other.test' }, {}, ['/']],
    [{}, { host: 'localhost', path: '/app/list' }, ['/app', '/app/list', '/app/', '/app/list/']],
    // Next.js would make a second Set-Cookie of what is behind the comma.
    [{}, { host: 'localhost', path: '/blog/x,csrf=evil' }, ['/blog', '/blog/']],
    [{}, { host: 'localhost', path: `/a/${'b'.repeat(63)}` }, ['/a', '/a/']],
    [{ path: '/app/' }, { host: 'localhost', path: '/app' }, ['/', '/app']],
    [{}, { host: '127.0.0.1', path: '//' }, []],
    [{}, { host: '[::1]', path: '/a;b/c' }, []],
  ])('%j at %j: %j', (changed, place, wanted) => {
    expect(places(changed, place)).toEqual(wanted)
  })

  test('is nothing for a __Host- name, in any case', () => {
    const place = { host: 'a.example.com', path: '/app' }
    expect(places({ name: '__Host-sess' }, place)).toEqual([])
    expect(places({ name: '__host-sess' }, place)).toEqual([])
    expect(places({ name: '__Secure-sess' }, place)).not.toEqual([])
  })

  test('is at most 12 cookies, the likeliest first, with the attributes that a deletion needs', () => {
    const place = { host: 'a.b.c.d.example.com', path: '/1/2/3/4/5' }
    const variants = expiredVariants({ ...settings, name: '__Secure-sess' }, place, EVERYWHERE)
    expect(variants).toHaveLength(12)
    expect(variants[0]).toEqual({
      domain: 'a.b.c.d.example.com',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'lax',
      maxAge: 0,
    })
  })

  test('leaves other apps alone, where it should: domains above this host, paths beside the configured one', () => {
    const scope = { parentDomains: false, anyPath: false }
    expect(places({ path: '/b' }, { host: 'a.example.com', path: '/a/b' }, scope)).toEqual([
      '/',
      'a.example.com/',
      'a.example.com/b',
    ])
    expect(places({ path: '/b' }, { path: '/b/c' }, scope)).toEqual(['/', '/b/c', '/b/', '/b/c/'])
  })
})

/** Each change of SESSION_COOKIE_DOMAIN or _PATH, as an operator makes it under the same name. */
const changes: [string, Partial<CookieSettings>, Partial<CookieSettings>][] = [
  ['a Domain is added', {}, { domain: 'example.com' }],
  ['a Domain is removed', { domain: 'example.com' }, {}],
  ['the Domain of the very host is removed', { domain: 'shop.example.com' }, {}],
  ['the Domain is changed', { domain: 'shop.example.com' }, { domain: 'example.com' }],
  ['a Path is added', {}, { path: '/app' }],
  ['a Path is removed', { path: '/app' }, {}],
  ['a Path is removed that ends with a slash', { path: '/app/' }, {}],
  ['the Path is changed', { path: '/app' }, { path: '/app/list' }],
  ['both are removed', { domain: 'example.com', path: '/app' }, {}],
  ['both are added', {}, { domain: 'example.com', path: '/app' }],
]
const place = { host: 'shop.example.com', path: '/app/list/1' }

/** The browser as it is after a restart with other settings: it has what the old ones left there. */
async function signedInBefore(before: TestSite, after: TestSite): Promise<TestBrowser> {
  const browser = new TestBrowser()
  await (await before.open(browser, at(place, before))).set('user', 'ada').save()
  const { domain, path } = before.cookie
  const isFirst = path.length >= after.cookie.path.length // RFC 6265, section 5.4: then the older one is first
  const left = [...browser.cookies].map(
    ([name, value]): PlantedCookie => ({ name, value, path, isFirst, ...(domain && { domain }) }),
  )
  browser.cookies.clear()
  browser.planted = left
  return browser
}

describeEachStore('after a change under the same name', (openSite) => {
  test.each(changes)('%s: sign-out is for good', async (_, old, now) => {
    const [before, after] = sitesOf(openSite, old, now)
    const browser = await signedInBefore(before, after)
    const session = await after.open(browser, at(place, after))
    expect(session.get('user')).toBe('ada')
    await session.destroy()
    expect([...browser.planted, ...browser.cookies.keys()]).toEqual([])
    expect((await after.open(browser, at(place, after))).isNew).toBe(true)
  })

  test.each(changes)('%s: what is saved is there at the next request', async (_, old, now) => {
    const [before, after] = sitesOf(openSite, old, now)
    const browser = await signedInBefore(before, after)
    await (await after.open(browser, at(place, after))).set('user', 'grace').save()
    expect((await after.open(browser, at(place, after))).get('user')).toBe('grace')
    await (await after.open(browser, at(place, after))).set('user', 'edsger').regenerate()
    expect((await after.open(browser, at(place, after))).get('user')).toBe('edsger')
    expect(browser.planted.filter(({ name, isFirst }) => name === 'sess' && isFirst)).toEqual([])
  })
})

function sitesOf(
  openSite: typeof cookieSite,
  old: Partial<CookieSettings>,
  now: Partial<CookieSettings>,
): [TestSite, TestSite] {
  const entries = new Map()
  const before = openSite({ cookie: old, entries })
  return [before, openSite({ cookie: now, entries, clock: before.clock })]
}

describe('a cookie of our name that is another app’s', () => {
  const foreign: PlantedCookie = {
    name: 'sess',
    value: 'of another app',
    domain: 'example.com',
    path: '/',
    isFirst: true,
  }

  test('is left there by a save, and dropped by a sign-out, which must not leave anyone signed in', async () => {
    const site = cookieSite()
    const browser = new TestBrowser()
    for (const isFirst of [true, false]) {
      browser.planted = [{ ...foreign, isFirst }]
      await (await site.open(browser, at(place, site))).set('user', 'ada').save()
      await (await site.open(browser, at(place, site))).set('user', 'grace').save()
      expect(browser.planted).toHaveLength(1)
    }
    await (await site.open(browser, at(place, site))).destroy()
    expect(browser.planted).toEqual([])
  })
})

test('a visitor who brings no cookie is told by a save to drop none', async () => {
  const site = cookieSite({ cookie: { domain: 'example.com' } })
  const browser = new TestBrowser()
  await (await site.open(browser, at(place, site))).set('user', 'ada').save()
  expect(browser.expired).toEqual([])
})

test('a sign-out at another path than the cookie’s, where no cookie was sent, drops it all the same', async () => {
  for (const [path, old] of [
    ['/', '/app'],
    ['/app', '/'],
  ] as const) {
    const site = cookieSite({ cookie: { path } })
    const browser = new TestBrowser()
    await (await site.open(browser, at(place, site))).destroy()
    const dropped = [...browser.received, ...browser.expired].map(({ name, attributes }) => [
      name,
      attributes.domain,
      attributes.path,
    ])
    expect(dropped).toContainEqual(['sess', undefined, old])
    if (path !== '/') expect(dropped).toContainEqual(['sess', undefined, path])
  }
})
