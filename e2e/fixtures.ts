import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Page,
} from '@playwright/test'
import { chosenStores, type Store } from '@/scripts/stores.mjs'
import { type Server, startServer } from './server'
import type { Environment } from './server-environment'

export { expect }

export interface WorkerFixtures {
  /** The store that the suite runs on, as the Playwright project says; no test needs to know it. */
  store: Store
  /** Variables the server of this file needs: `test.use({ serverEnv: { SESSION_IDLE_SECONDS: '60' } })`. */
  serverEnv: Environment
  /** The production server, shared by the tests of a file and by files that ask for the same variables. */
  server: Server
}

interface TestFixtures {
  /** Every test also fails for an error that its server printed: a page can look right over a server in trouble. */
  quietServer: undefined
  /** What browsers complained of, see `watch`. A test fails for it, unless it expects it and takes it out. */
  complaints: string[]
  /** Opens another browser with no cookies: a second visitor. Use `page` for the first. */
  newVisitor(options?: BrowserContextOptions): Promise<Page>
  /**
   * Starts one more server for this test alone, e.g. with another secret; stopped at its end. A test that brings errors
   * about says what begins their lines in its log; any other error fails it.
   */
  startAnother(env?: Environment, expected?: { errors: RegExp }): Promise<Server>
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  // Each Playwright project of the repository sets its store. In an app it is the store of the app.
  store: [chosenStores(process.env)[0] ?? 'cookie', { scope: 'worker', option: true }],

  serverEnv: [{}, { scope: 'worker', option: true }],

  server: [
    async ({ serverEnv, store }, use) => {
      const server = await startServer(serverEnv, store)
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],

  // Every page, and Playwright's own `request` (which has a cookie jar of its own), starts from the server's address.
  baseURL: async ({ server }, use) => use(server.url),

  complaints: async ({ browserName: _ }, use) => {
    const complaints: string[] = []
    await use(complaints)
    expect(complaints, 'what browsers complained of').toEqual([])
  },

  context: async ({ context, complaints }, use) => {
    watch(context, complaints)
    await use(context)
  },

  newVisitor: async ({ browser, baseURL, complaints }, use) => {
    const opened: Page[] = []
    await use(async (options) => {
      const context = await browser.newContext({ ...(baseURL ? { baseURL } : {}), ...options })
      watch(context, complaints)
      const page = await context.newPage()
      opened.push(page)
      return page
    })
    await Promise.all(opened.map((page) => page.context().close()))
  },

  quietServer: [
    async ({ server }, use) => {
      const before = server.logs().length
      await use(undefined)
      expectNoErrors(server.logs().slice(before))
    },
    { auto: true },
  ],

  startAnother: async ({ store }, use) => {
    const started: { server: Server; expected: RegExp | undefined }[] = []
    await use(async (env, expected) => {
      const server = await startServer(env, store)
      started.push({ server, expected: expected?.errors })
      return server
    })
    await Promise.all(started.map(({ server }) => server.stop()))
    for (const { server, expected } of started) expectNoErrors(server.logs(), expected)
  },
})

/** Notes what the Content-Security-Policy of a page refused, and every request that leaves this machine. */
function watch(context: BrowserContext, complaints: string[]): void {
  context.on('console', (message) => {
    if (/Content Security Policy|Permissions-Policy/.test(message.text())) complaints.push(message.text())
  })
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    const isHere = !/^(?:http|ws)s?:$/.test(protocol) || /(?:^|\.)localhost$/.test(hostname)
    if (!isHere) complaints.push(`asked ${request.url()}`)
  })
}

function expectNoErrors(lines: string[], expected?: RegExp): void {
  const errors = lines.filter((line) => /^\s*(?:⨯|(?:Uncaught )?\w*Error\b)/.test(line))
  const unexpected = errors.filter((line) => !expected?.test(line))
  expect(unexpected, 'errors that the server printed').toEqual([])
}
