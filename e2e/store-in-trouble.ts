import { randomBytes } from 'node:crypto'
import { createBackend, type TestBackend } from '../tests/backends'
import { SESSION_COOKIE } from './cookie-names'
import { test as base, expect } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { fact, lesson, sessionCard, sessionCookies } from './page-parts'
import { PAGES } from './pages'
import type { Server } from './server'
import type { Environment } from './server-environment'
import { STORE_ERRORS } from './store-errors'

/** A server on a store that the test can break and mend. */
interface Site {
  readonly server: Server
  readonly backend: TestBackend
}

/** What an app has that says nothing. */
export const DEADLINE: Environment = { SESSION_STORE_TIMEOUT_MS: '2000' }

/** Far above the deadline of a store, and far below a hang. */
const LONG_MS = 15_000

const test = base.extend<{ backend: TestBackend; openSite: (env?: Environment) => Promise<Site> }>({
  backend: async ({ store }, use) => {
    const backend = await createBackend(store)
    await use(backend)
    await backend.dispose()
  },

  openSite: async ({ backend, startAnother }, use) => {
    await use(async (env) => ({
      server: await startAnother({ ...backend.env, ...DEADLINE, ...env }, STORE_ERRORS),
      backend,
    }))
  },
})

const TROUBLES = {
  'is down': (backend: TestBackend) => backend.stop(),
  'never answers': async (backend: TestBackend) => backend.hang?.(),
} satisfies Record<string, (backend: TestBackend) => Promise<void>>

/** What a visitor sees while the store cannot be used, and after that. The same on every store that is not a cookie. */
export function describeTrouble(troubles: readonly (keyof typeof TROUBLES)[]): void {
  for (const name of troubles) {
    test.describe(`while the store ${name}`, () => {
      describeOne(TROUBLES[name])
    })
  }
}

function describeOne(begin: (backend: TestBackend) => Promise<void>): void {
  test('a visitor without a cookie is served every page', async ({ openSite, newVisitor }) => {
    const { server, backend } = await openSite()
    await new HttpVisitor(server).patch({ set: { someone: 'else' } })
    await begin(backend)
    const page = await newVisitor({ baseURL: server.url })
    for (const path of PAGES) {
      await page.goto(path)
      await expect(fact(sessionCard(page), 'Public id')).toHaveText('none yet')
    }
    await page.goto('/no-such-page')
    await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()

    expect(await new HttpVisitor(server).session()).toMatchObject({ id: null, data: {} })
  })

  test('a first visit that would begin a session is served without one', async ({ openSite }) => {
    const { server, backend } = await openSite({ SESSION_SAVE_UNINITIALIZED: 'true' })
    expect((await new HttpVisitor(server).send('/get')).setCookies).toHaveLength(2)
    await begin(backend)
    const { status, setCookies } = await new HttpVisitor(server).send('/get')

    expect(status).toBe(200)
    expect(setCookies).toEqual([])
  })

  test('a page that does not use the session does not wait for it', async ({ openSite }) => {
    const deadlineMs = 10_000
    const { server, backend } = await openSite({
      SESSION_TOUCH_SECONDS: '0',
      SESSION_STORE_TIMEOUT_MS: String(deadlineMs),
    })
    const visitor = new HttpVisitor(server)
    await visitor.patch({ set: { a: 1 } })
    await begin(backend)
    const started = performance.now()
    const { text, setCookies } = await visitor.send('/no-such-page')

    expect(performance.now() - started).toBeLessThan(deadlineMs / 2)
    expect(text).toContain('There is no such page')
    expect(setCookies).toEqual([])
    await expect
      .poll(() => server.logs().filter((line) => line.includes('"event":"touch-failed"')))
      .toHaveLength(1)
  })

  test('a page that uses it is an error page, the cookies stay, and trying again later shows the page', async ({
    openSite,
    newVisitor,
  }) => {
    const { server, backend } = await openSite()
    const page = await newVisitor({ baseURL: server.url })
    await page.goto('/get')
    await page.getByRole('button', { name: 'Count a visit' }).click()
    await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
    const cookies = await sessionCookies(page.context())
    expect(cookies).toHaveLength(2)

    await begin(backend)
    const started = performance.now()
    const response = await page.goto('/get')
    await expect(page.getByRole('heading', { name: 'This page could not be shown' })).toBeVisible()
    expect(performance.now() - started).toBeLessThan(LONG_MS)
    expect(await response?.headerValue('set-cookie')).toBeNull()
    expect(await sessionCookies(page.context())).toEqual(cookies)

    await backend.start()
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
    await page.getByRole('button', { name: 'Count a visit' }).click()
    await expect(fact(lesson(page), 'Visits counted')).toHaveText('2')
  })

  test('a visitor who follows a link gets the error page too, and the page when trying again later', async ({
    openSite,
    newVisitor,
  }) => {
    const { server, backend } = await openSite()
    const page = await newVisitor({ baseURL: server.url })
    await page.goto('/get')
    await page.getByRole('button', { name: 'Count a visit' }).click()
    await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')

    await begin(backend)
    await page.getByRole('navigation', { name: 'Lessons' }).getByRole('link', { name: 'Regenerate' }).click()
    await expect(page.getByRole('heading', { name: 'This page could not be shown' })).toBeVisible()
    await backend.start()
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(fact(sessionCard(page), 'Keys')).toHaveText('get.visits 1')
  })

  test('a save that fails is an error page, and nothing has changed', async ({ openSite, newVisitor }) => {
    const { server, backend } = await openSite()
    const page = await newVisitor({ baseURL: server.url })
    await page.goto('/get')
    await page.getByRole('button', { name: 'Count a visit' }).click()
    await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
    const cookies = await sessionCookies(page.context())

    await begin(backend)
    await page.getByRole('button', { name: 'Count a visit' }).click()
    await expect(page.getByRole('heading', { name: 'This page could not be shown' })).toBeVisible()
    expect(await sessionCookies(page.context())).toEqual(cookies)

    await backend.start()
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
  })

  test('the API answers 503 with a reason and no cookie, and the next request after that works', async ({
    openSite,
  }) => {
    const { server, backend } = await openSite()
    const visitor = new HttpVisitor(server)
    const { id } = await visitor.patch({ set: { a: 1 } })
    const cookies = visitor.cookieHeader
    for (let round = 0; round < 2; round++) {
      await begin(backend)
      const answers = await Promise.all([
        visitor.send('/api/session'),
        visitor.send('/api/session', { method: 'PATCH', body: { set: { a: 2 } } }),
        visitor.send('/api/session', { method: 'DELETE' }),
        visitor.send('/api/session/regenerate', { method: 'POST' }),
        visitor.send('/api/session/touch', { method: 'POST' }),
        visitor.send('/api/session/avoid-touch', { method: 'POST', body: { value: true } }),
        new HttpVisitor(server).send('/api/session', { method: 'PATCH', body: { set: { a: 3 } } }),
      ])
      for (const { status, text, setCookies } of answers) {
        expect(status).toBe(503)
        expect(JSON.parse(text)).toEqual({
          error: expect.stringMatching(/^The session store "\w+" failed to /),
        })
        expect(setCookies).toEqual([])
      }
      await backend.start()

      expect(await visitor.session()).toMatchObject({ id, data: { a: 1 }, avoidTouch: false })
      expect(visitor.cookieHeader).toBe(cookies)
    }
    expect((await visitor.patch({ set: { a: 4 } })).data).toEqual({ a: 4 })
  })
}

/** For a store on another machine, which may come up later than the app. */
export function describeLateServer(): void {
  for (const name of ['is down', 'never answers'] as const) {
    test(`an app that starts while the store ${name} warns once, serves, and works as soon as the store does`, async ({
      openSite,
      backend,
    }) => {
      await TROUBLES[name](backend)
      const { server } = await openSite()
      const warnings = () => server.logs().filter((line) => line.includes('"event":"warning"'))
      expect((await new HttpVisitor(server).send('/')).status).toBe(200)
      await expect.poll(warnings).toHaveLength(1)
      expect(warnings()[0]).toContain('Requests will try again.')

      await backend.start()
      const visitor = new HttpVisitor(server)
      await visitor.patch({ set: { a: 1 } })
      expect((await visitor.session()).data).toEqual({ a: 1 })
      expect(warnings()).toHaveLength(1)
    })
  }
}

/** For a store whose URL can hold a password. */
export function describePassword(variable: 'DATABASE_URL' | 'REDIS_URL'): void {
  test('the password in the URL of the store is in no answer and no log', async ({ openSite, backend }) => {
    const url = new URL(backend.env[variable] ?? '')
    Object.assign(url, { username: 'app', password: 'my-very-own' }) // a user that the server does not know
    const { server } = await openSite({ [variable]: url.href })
    const visitor = new HttpVisitor(server, [[SESSION_COOKIE, randomBytes(32).toString('base64url')]])
    const refuse = async () => {}
    for (const begin of [refuse, ...Object.values(TROUBLES)]) {
      await begin(backend)
      const [page, api] = [await visitor.send('/get'), await visitor.send('/api/session')]
      expect(api.status).toBe(503) // a page that is streamed began with 200
      expect(page.text + api.text).not.toContain('my-very-own')
      await backend.start()
    }
    expect(server.logs().join('\n')).toContain('"event":"store-failed"')
    expect(server.logs().join('\n')).not.toContain('my-very-own')
  })
}
