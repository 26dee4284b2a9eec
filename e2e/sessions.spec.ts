import type { Page } from '@playwright/test'
import { findings } from './axe'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { press, tabTo, typeAndSend } from './keyboard'
import { ADMIN_TOKEN } from './server'

test.use({ serverEnv: { SESSION_ADMIN_TOKEN: ADMIN_TOKEN } })

async function unlock(page: Page): Promise<void> {
  await page.goto('/sessions')
  await page.getByLabel('SESSION_ADMIN_TOKEN').fill(ADMIN_TOKEN)
  await page.getByRole('button', { name: 'Open' }).click()
  await expect(page.getByLabel('SESSION_ADMIN_TOKEN')).toBeHidden()
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('with the token, a visitor sees the live sessions by public id, ends one, and ends all', async ({
      page,
      server,
      store,
    }) => {
      const [one, other] = [new HttpVisitor(server), new HttpVisitor(server)]
      const { id } = await one.patch({ set: { a: 'a secret of this visitor' } })
      await server.advance({ seconds: 5 })
      const { id: otherId } = await other.patch({ set: { b: 1 } })
      await unlock(page)
      if (store === 'cookie' || store === 'memcached') {
        await expect(page.getByRole('status')).toContainText('cannot list sessions')
        return
      }

      const row = page.getByRole('row', { name: id ?? '' })
      await expect(row.getByRole('time')).toHaveCount(2)
      const tags = await page.getByRole('rowheader').allTextContents()
      expect(tags.indexOf(otherId ?? '')).toBeLessThan(tags.indexOf(id ?? '')) // the latest first
      expect(await page.content()).not.toContain('a secret of this visitor')
      await row.getByRole('button', { name: `End ${id}` }).click()
      await expect(row).toBeHidden()
      expect(await one.peek()).toMatchObject({ isNew: true, data: {} })
      expect((await other.peek()).data).toEqual({ b: 1 })

      const endAll = page.getByRole('button', { name: 'End them for everyone' })
      await expect(endAll).toBeHidden() // one click is not enough for what cannot be undone
      await page.getByText('End all sessions').click()
      await endAll.click()
      await expect(page.getByText('0 in all')).toBeVisible()
      expect((await other.peek()).isNew).toBe(true)
    })
  })
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing, ${colorScheme}, locked and open`, async ({ newVisitor }) => {
    const page = await newVisitor({ colorScheme, viewport: { width: 390, height: 844 } })
    await page.request.patch('/api/session', { data: { set: { a: 1 } } })
    await page.goto('/sessions')
    expect(await findings(page)).toEqual([])
    await unlock(page)
    expect(await findings(page)).toEqual([])
  })
}

test('with the keyboard alone, a visitor opens the list and ends every session', async ({
  page,
  server,
  store,
}) => {
  const other = new HttpVisitor(server)
  await other.patch({ set: { a: 1 } })
  await page.goto('/sessions')
  await typeAndSend(page, 'SESSION_ADMIN_TOKEN', ADMIN_TOKEN)
  if (store === 'cookie' || store === 'memcached') {
    await expect(page.getByRole('status')).toContainText('cannot list sessions')
    return
  }
  await expect(page.getByLabel('SESSION_ADMIN_TOKEN')).toBeHidden()
  await tabTo(page, page.getByText('End all sessions'))
  await page.keyboard.press('Enter')
  await press(page, 'End them for everyone')

  await expect(page.getByText('0 in all')).toBeVisible()
})

test('the list stays open for a quarter of an hour, whatever becomes of its cookie', async ({
  page,
  server,
}) => {
  await unlock(page)
  const [pass] = await page.context().cookies(`${server.url}/sessions`)
  if (pass === undefined) throw new Error('no cookie')
  expect(pass).toMatchObject({
    name: '__Secure-sess_admin',
    secure: true,
    httpOnly: true,
    sameSite: 'Strict',
  })
  await page.context().addCookies([{ ...pass, expires: pass.expires + 86_400 }]) // a browser that forgets nothing
  await server.advance({ seconds: 15 * 60 - 60 })
  await page.reload()
  await expect(page.getByLabel('SESSION_ADMIN_TOKEN')).toBeHidden()
  await server.advance({ seconds: 61 })
  await page.reload()
  await expect(page.getByLabel('SESSION_ADMIN_TOKEN')).toBeVisible()
})

test('a site over plain http can use it, where the cookies are not Secure', async ({
  page,
  startAnother,
}) => {
  const server = await startAnother({
    SESSION_ADMIN_TOKEN: ADMIN_TOKEN,
    SESSION_COOKIE_SECURE: 'false',
    SESSION_COOKIE_NAME: 'sess',
  })
  await page.goto(`${server.url}/sessions`)
  await page.getByLabel('SESSION_ADMIN_TOKEN').fill(ADMIN_TOKEN)
  await page.getByRole('button', { name: 'Open' }).click()
  await expect(page.getByLabel('SESSION_ADMIN_TOKEN')).toBeHidden()
  expect((await page.context().cookies(`${server.url}/sessions`))[0]?.secure).toBe(false)
})

test('the list is no wider than its place, and has the theme that was chosen', async ({ page }) => {
  await page.request.patch('/api/session', { data: { set: { 'site.theme': 'dark' } } })
  await unlock(page)
  const background = await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
  expect(background).toBe('dark')
  for (const width of [320, 640, 700, 1024, 1060]) {
    await page.setViewportSize({ width, height: 800 })
    const [wanted, had] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    expect(wanted).toBeLessThanOrEqual(had ?? 0)
  }
})

test('a wrong token opens nothing', async ({ page }) => {
  await page.goto('/sessions')
  await page.getByLabel('SESSION_ADMIN_TOKEN').fill('a guess')
  await page.getByRole('button', { name: 'Open' }).click()
  await expect(page.getByText('That is not the token.')).toBeVisible()
  await expect(page.getByRole('table')).toBeHidden()
})

test('without a token in the configuration there is no such page', async ({ page, startAnother }) => {
  const server = await startAnother({ SESSION_ADMIN_TOKEN: '' })
  await page.goto(`${server.url}/sessions`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such page')
})
