import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { SESSION_COOKIE, TOUCH_COOKIE } from './cookie-names'
import { test as base, expect } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { fact, lesson, sessionCard } from './page-parts'
import { newSecret, type Server } from './server'

/** Chromium finds both names on this machine; `site.localhost` is a Domain that both may set cookies for. */
const SHOP = 'shop.site.localhost'
const EVIL = 'evil.site.localhost'
const DOMAIN = 'site.localhost'

interface Sibling {
  /** Shows the browser a page of the other host, which sets these cookies: raw `Set-Cookie` lines. */
  visit(page: Page, setCookies: readonly string[]): Promise<void>
}

const test = base.extend<{ sibling: Sibling }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for the braces
  sibling: async ({}, use) => {
    let lines: readonly string[] = []
    const server = createServer((_, response) => {
      response.writeHead(200, { 'Set-Cookie': [...lines] }).end('hello')
    })
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    const { port } = server.address() as AddressInfo
    await use({
      async visit(page, setCookies) {
        lines = setCookies
        await page.goto(`http://${EVIL}:${port}/`)
      },
    })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  },
})

function at(server: Server, path: string, host = SHOP): string {
  const url = new URL(path, server.url)
  url.hostname = host
  return url.href
}

async function signIn(page: Page, server: Server, name: string): Promise<void> {
  await page.goto(at(server, '/delete-all'))
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expectName(page, name)
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Destroy the session' }).click()
  await expectName(page, 'nothing')
}

async function expectName(page: Page, name: string): Promise<void> {
  await expect(fact(lesson(page), 'Name')).toHaveText(name)
}

/** The cookies of another visitor's session, by the name they were sent under. */
async function attacker(server: Server): Promise<ReadonlyMap<string, string>> {
  const visitor = new HttpVisitor(server)
  await visitor.patch({ set: { 'delete-all.name': 'Mallory' } })
  return visitor.cookies
}

test('a subdomain cannot slip its own session in, by a cookie whose name only looks like ours', async ({
  page,
  server,
  sibling,
}) => {
  const own = await attacker(server)
  await signIn(page, server, 'Ada')
  const before = (await fact(sessionCard(page), 'Public id').textContent()) ?? ''
  const lines = [SESSION_COOKIE, TOUCH_COOKIE].map(
    (name) => `\u00A0${name}=${own.get(name)}; Domain=${DOMAIN}; Path=/; Secure`,
  )
  await sibling.visit(page, lines)
  const planted = (await page.context().cookies(at(server, '/'))).map(({ domain }) => domain)
  expect(planted.filter((domain) => domain === `.${DOMAIN}`)).toHaveLength(2)

  await server.advance({ seconds: 120 }) // a touch is due: the proxy rewrites the Cookie header
  for (const visit of [1, 2]) {
    await page.goto(at(server, '/delete-all'))
    await expectName(page, 'Ada')
    await expect(fact(sessionCard(page), 'Public id'), `visit ${visit}`).toHaveText(before)
  }
})

test.describe('where the name has no prefix that a browser guards', () => {
  const NO_PREFIX = { SESSION_COOKIE_NAME: 'sess', SESSION_TRACE: 'false' }

  test('junk of a subdomain hides no session, is no session, and outlives no sign-out', async ({
    page,
    startAnother,
    sibling,
  }) => {
    const server = await startAnother(NO_PREFIX)
    const junk = ['sess=junk', 'sess_touch=junk'].map((pair) => `${pair}; Domain=${DOMAIN}; Path=/; Secure`)
    const deeper = [`sess=${'A'.repeat(43)}; Domain=${DOMAIN}; Path=/delete-all; Secure`]
    await sibling.visit(page, junk) // older than the visitor's own, so it is sent first
    await signIn(page, server, 'Ada')
    await sibling.visit(page, deeper)

    for (const name of ['Grace', 'Edsger']) {
      await server.advance({ seconds: 120 })
      await signIn(page, server, name)
      await page.reload()
      await expectName(page, name)
      const data = await page.evaluate(async () => (await (await fetch('/api/session')).json()).data)
      expect(data).toEqual({ 'delete-all.name': name })
    }
    await signOut(page)
    await page.reload()
    await expectName(page, 'nothing')
    expect(await cookiesOfSession(page)).toEqual([])
  })

  test('an action that saves nothing is followed by a page of the same session', async ({
    page,
    startAnother,
    sibling,
  }) => {
    const server = await startAnother(NO_PREFIX)
    await signIn(page, server, 'Ada')
    await sibling.visit(page, [`sess=junk; Domain=${DOMAIN}; Path=/; Secure`]) // younger, so it is sent last
    await page.goto(at(server, '/delete-all'))
    await expectName(page, 'Ada')
    // The same name: nothing to write, so no session cookie goes out. Next asks itself for the page of the redirect.
    await page.getByLabel('Name').fill('Ada')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByLabel('Name')).toHaveValue('') // the form is empty again with the page that follows
    await expectName(page, 'Ada')
  })
})

const SHARED = { SESSION_COOKIE_NAME: '__Secure-sess', SESSION_TRACE: 'false' }

for (const changed of [{ SESSION_COOKIE_DOMAIN: DOMAIN }, { SESSION_COOKIE_PATH: '/delete-all' }]) {
  test(`with ${Object.keys(changed)} added or removed under one name, a save counts and a sign-out is for good`, async ({
    startAnother,
    newVisitor,
  }) => {
    const shared = { ...SHARED, SESSION_SECRET: newSecret() }
    const [plain, scoped] = await Promise.all([startAnother(shared), startAnother({ ...shared, ...changed })])
    for (const [before, after, javaScriptEnabled] of [
      [plain, scoped, true],
      [scoped, plain, false],
    ] as const) {
      const page = await newVisitor({ javaScriptEnabled })
      await signIn(page, before, 'Ada')
      await page.goto(at(after, '/delete-all'))
      await expectName(page, 'Ada')
      await signIn(page, after, 'Grace') // what is saved under the new settings is what counts from now on
      await page.reload()
      await expectName(page, 'Grace')
      await signOut(page)
      for (const server of [after, before]) {
        await page.goto(at(server, '/delete-all'))
        await expectName(page, 'nothing')
      }
      expect(await cookiesOfSession(page)).toEqual([])
    }
  })
}

/** Whatever Domain, Path and value: the browser's cookies that bear a name of ours. */
async function cookiesOfSession(page: Page): Promise<string[]> {
  const cookies = (await page.context().cookies()).filter((cookie) => cookie.name.includes('sess'))
  return cookies.map(({ name, domain, path }) => `${name} ${domain} ${path}`)
}
