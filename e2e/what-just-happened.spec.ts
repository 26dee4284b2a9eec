import type { Locator, Page, Response } from '@playwright/test'
import { parseSetCookie } from 'cookie'
import { TRACE_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { fact, lesson } from './page-parts'

test.use({ serverEnv: { SESSION_TOUCH_SECONDS: '0' } })

/** What the page says about the last action, or about itself. */
function traceOf(page: Page, title: 'The last action' | 'This page' | 'Then this page'): Locator {
  return page.getByRole('region', { name: 'What just happened' }).getByRole('region', { name: title })
}

function lines(within: Locator, part: 'The page called' | 'The store did' | 'Set-Cookie'): Locator {
  return fact(within, part).getByRole('listitem')
}

/** The session's Set-Cookie headers that really arrived, in the words of the page. */
async function received(response: Response): Promise<string[]> {
  const headers = (await response.headersArray()).filter(({ name }) => name.toLowerCase() === 'set-cookie')
  const cookies = headers.map(({ value }) => parseSetCookie(value))
  return cookies
    .filter(({ name }) => name !== TRACE_COOKIE)
    .map(({ name, value = '', path, maxAge, secure, httpOnly, sameSite }) => {
      const start = value === '' ? '' : `${value.slice(0, 6)}…`
      const flags = `${secure ? 'Secure; ' : ''}${httpOnly ? 'HttpOnly; ' : ''}SameSite=${sameSite}`
      return `${name}=${start}; Path=${path}; Max-Age=${maxAge}; ${flags} (${name.length + value.length} bytes)`
    })
}

async function press(page: Page, button: string): Promise<Response> {
  const answer = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.getByRole('button', { name: button, exact: true }).click()
  return answer
}

/** The trace names exactly the cookies that arrived, and these calls of the store. */
async function expectTrace(page: Page, answer: Response, asked: string, calls: RegExp[]): Promise<void> {
  const action = traceOf(page, 'The last action')
  await expect(lines(action, 'The page called')).toHaveText([asked])
  await expect(lines(action, 'The store did')).toHaveText(calls)
  const cookies = await received(answer)
  await expect(lines(action, 'Set-Cookie')).toHaveText(cookies.length === 0 ? ['none'] : cookies)
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('saving, deleting a key and ending the session tell what went out and what the store did', async ({
      page,
      store,
    }) => {
      await page.goto('/get')
      await expect(lines(traceOf(page, 'This page'), 'The store did')).toHaveText(['nothing'])

      await expectTrace(page, await press(page, 'Count a visit'), 'save() → saved', [
        /^create → stored\d+\.\d\d ms$/,
      ])
      await expectTrace(page, await press(page, 'Count a visit'), 'save() → saved', [
        /^load → found/,
        store === 'cookie' ? /^replace → stored/ : /^compare and swap → stored/,
      ])

      const endsOld = store === 'cookie' ? /^destroy → nothing to remove/ : /^destroy → removed/
      await page.goto('/regenerate')
      const moved = await press(page, 'Regenerate')
      await expect(fact(lesson(page), 'Public id after')).toBeVisible()
      await expectTrace(page, moved, 'regenerate() → saved', [/^load → found/, /^create → stored/, endsOld])

      await page.goto('/delete-all')
      await expectTrace(page, await press(page, 'Destroy the session'), 'destroy() → done', [
        /^load → found/,
        endsOld,
      ])
    })

    test('saving what was typed tells the same, and the page after it is a visit of its own', async ({
      page,
    }) => {
      await page.goto('/save')
      await page.getByLabel('Note').fill('typed')
      await expectTrace(page, await press(page, 'Save'), 'save() → saved', [/^create → stored/])
      await expect(traceOf(page, 'Then this page')).toBeVisible()
    })

    test('a change that is not saved sends nothing and stores nothing', async ({ page }) => {
      await page.goto('/set')
      const answer = await press(page, 'Set without save')
      await expect(fact(lesson(page), 'In that request')).toHaveText('teal')

      const action = traceOf(page, 'The last action')
      await expect(lines(action, 'The store did')).toHaveText(['nothing'])
      await expect(lines(action, 'Set-Cookie')).toHaveText(['none'])
      expect(await received(answer)).toEqual([])
    })

    test('a visit tells its own touch', async ({ page }) => {
      await page.goto('/get')
      await press(page, 'Count a visit')
      await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
      const answer = await page.goto('/get')
      if (!answer) throw new Error('no answer')

      const visit = traceOf(page, 'Then this page')
      await expect(lines(visit, 'The store did')).toHaveText([/^touch → extended/, /^load → found/])
      await expect(lines(visit, 'Set-Cookie')).toHaveText(await received(answer))
    })
  })
}

test('the trace is gone a minute later', async ({ page, context }) => {
  await page.goto('/get')
  await press(page, 'Count a visit')
  await expect(traceOf(page, 'The last action')).toBeVisible()
  const [cookie] = (await context.cookies()).filter(({ name }) => name === TRACE_COOKIE)
  const seconds = (cookie?.expires ?? 0) - Date.now() / 1000
  expect(seconds).toBeGreaterThan(30)
  expect(seconds).toBeLessThanOrEqual(61)
  expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })
})

test('without SESSION_TRACE, the server keeps no trace, sends no cookie for one, and the page says how to turn it on', async ({
  page,
  startAnother,
  context,
}) => {
  const quiet = await startAnother({ SESSION_TRACE: 'false' })
  await page.goto(`${quiet.url}/get`)
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')

  const place = page.getByRole('region', { name: 'What just happened' })
  await expect(place).toContainText('Start it with SESSION_TRACE=true')
  await expect(place.getByRole('region')).toHaveCount(0)
  expect((await context.cookies()).map(({ name }) => name)).not.toContain(TRACE_COOKIE)
})
