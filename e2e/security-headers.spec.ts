import { lessons } from '@/app/(course)/lessons'
import { SESSION_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { fact, lesson } from './page-parts'
import { PAGES } from './pages'
import type { RawRequest, RawResponse } from './raw'
import { STORE_ERRORS } from './store-errors'

/** What a page answers, its policy apart. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'cross-origin-opener-policy': 'same-origin',
}

const PAGE_POLICY =
  /^default-src 'self'; script-src 'nonce-([\w+/]{22}==)' 'strict-dynamic'; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/

const FILE_POLICY =
  "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

function nonceOf({ headers }: RawResponse): string {
  return PAGE_POLICY.exec(String(headers['content-security-policy']))?.[1] ?? ''
}

const ANSWERS: [title: string, path: string, status: number, request?: RawRequest][] = [
  ...PAGES.map((path): [string, string, number] => ['the page', path, 200]),
  ['an address that leads nowhere', '/no-such-page', 404],
  ['an address that cannot be decoded', '/%E0%A4%A', 404],
  ['a page that a browser fetches ahead', '/get', 200, { headers: { 'sec-purpose': 'prefetch;prerender' } }],
  ['an answer of the API', '/api/session', 200],
  ['an error of the API', '/api/session', 400, { method: 'PATCH', body: '{' }],
  ['a method that the API does not have', '/api/session', 405, { method: 'PUT' }],
]

for (const [title, path, status, request] of ANSWERS) {
  test(`${title} ${path} has a policy with a nonce of its own, and every security header`, async ({
    server,
  }) => {
    const visitor = new HttpVisitor(server)
    const [answer, another] = [await visitor.send(path, request), await visitor.send(path, request)]

    expect(answer).toMatchObject({ status, headers: HEADERS })
    expect(nonceOf(answer)).not.toBe('')
    expect(nonceOf(another)).not.toBe(nonceOf(answer))
  })
}

test('a page whose session cannot be read has them too', async ({ startAnother }) => {
  const nowhere = { SESSION_STORE: 'redis', REDIS_URL: 'redis://127.0.0.1:1' }
  const visitor = new HttpVisitor(await startAnother(nowhere, STORE_ERRORS), [
    [SESSION_COOKIE, 'x'.repeat(43)],
  ])
  const answers = [await visitor.send('/get'), await visitor.send('/api/session')]

  for (const answer of answers) {
    expect(answer.headers).toMatchObject(HEADERS)
    expect(nonceOf(answer)).not.toBe('')
    expectNonceOnEveryScript(answer)
  }
})

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('what an action answers has them too', async ({ page }) => {
      await page.goto('/save')
      await page.getByLabel('Note').fill('a note')
      const answered = page.waitForResponse((response) => response.request().method() === 'POST')
      await page.getByRole('button', { name: 'Save', exact: true }).click()

      const headers = await (await answered).allHeaders()
      expect(headers).toMatchObject(HEADERS)
      expect(headers['content-security-policy']).toMatch(PAGE_POLICY)
    })

    // That the browser refused nothing, and asked nobody else, is what every test ends with: see fixtures.ts.
    test('a visitor opens every page, and the browser has nothing to refuse', async ({ page }) => {
      for (const path of [...PAGES, '/no-such-page']) {
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      }
    })

    test('a visitor goes from page to page, and the browser has nothing to refuse', async ({ page }) => {
      await page.goto(`/${lessons[0].slug}`)
      for (const { title } of lessons.slice(1)) {
        await page.getByRole('navigation', { name: 'Previous and next lesson' }).getByText(title).click()
        await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
      }
    })
  })
}

test('a file, and an address like that of a file, may run no script at all', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  const script = /\/_next\/static\/[^"]+\.js/.exec((await visitor.send('/')).text)?.[0] ?? ''
  for (const path of [script, '/icon.svg', '/no-such-file.png', '/_next/static/no-such-file.js']) {
    const { headers } = await visitor.send(path)
    expect(headers, path).toMatchObject({ ...HEADERS, 'content-security-policy': FILE_POLICY })
  }
})

test('a browser is told to stay with https, once it came by https, and never for localhost', async ({
  server,
}) => {
  const visitor = new HttpVisitor(server)
  const hsts = async (path: string, headers: Record<string, string>) =>
    (await visitor.send(path, { headers })).headers['strict-transport-security']
  const https = { 'x-forwarded-proto': 'https' }
  for (const path of ['/', '/no-such-page', '/api/session', '/icon.svg']) {
    expect(await hsts(path, { ...https, host: 'sess.example' })).toBe('max-age=63072000')
    expect(await hsts(path, { host: 'sess.example' })).toBeUndefined()
    expect(await hsts(path, https)).toBeUndefined()
  }
})

test('every script of a page carries its nonce, and nothing is styled in line', async ({ server }) => {
  for (const path of [...PAGES, '/no-such-page']) {
    const answer = await new HttpVisitor(server).send(path)
    expectNonceOnEveryScript(answer)
    expect(answer.text).not.toMatch(/<style|<[^>]+ (?:style|on\w+)=/)
  }
})

/** Of the document, without what stands in strings of scripts. */
function expectNonceOnEveryScript({ headers, text }: RawResponse): void {
  if (!headers['content-type']?.startsWith('text/html')) return
  const tags = text.match(/<script\b[^>]*>/g) ?? []
  const nonce = PAGE_POLICY.exec(String(headers['content-security-policy']))?.[1]
  expect(tags.length).toBeGreaterThan(0)
  expect(tags.filter((tag) => !tag.includes(`nonce="${nonce}"`))).toEqual([])
}

test('a script that somebody brought into a page does not run, and the page still works', async ({
  page,
  complaints,
}) => {
  const injected = `
    <script>window.ran = 'a script in the page'</script>
    <script src="/api/session"></script>
    <img alt="" src="/no-such-file.png" onerror="window.ran = 'a handler'">`
  await page.route('/get', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: (await response.text()).replace('</main>', `${injected}</main>`) })
  })
  await page.goto('/get')
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')

  expect(await page.evaluate(() => Reflect.get(window, 'ran'))).toBeUndefined()
  expect(complaints.splice(0)).toEqual([
    expect.stringContaining('inline script'),
    expect.stringContaining('/api/session'),
    expect.stringContaining('inline event handler'),
  ])
})
