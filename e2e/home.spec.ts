import { demos } from '../app/demos'
import { expect, test } from './fixtures'
import { fact, sessionCard } from './page-parts'

test('a visitor finds every demo on the home page and can open it', async ({ page }) => {
  for (const { slug, title, sentence } of demos) {
    await page.goto('/')
    await page.getByRole('link', { name: `${title} ${sentence}` }).click()

    await expect(page).toHaveURL(`/${slug}`)
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
    await expect(page).toHaveTitle(`${title} · sess`)
  }
})

test('a visitor reaches every demo by going on to the next', async ({ page }) => {
  await page.goto(`/${demos[0].slug}`)
  for (const { title } of demos.slice(1)) {
    await page.getByRole('navigation', { name: 'Previous and next demo' }).getByText(title).click()
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
  }
})

test('the navigation marks the page one is on', async ({ page }) => {
  await page.goto('/save')

  const here = page.getByRole('navigation', { name: 'Demos' }).locator('[aria-current=page]')
  await expect(here).toHaveText(/Save$/)
})

test('a visitor who only looks gets no cookie', async ({ page, context }) => {
  for (const path of ['/', ...demos.map(({ slug }) => `/${slug}`)]) {
    await page.goto(path)
    await expect(fact(sessionCard(page), 'Public id')).toHaveText('none yet')
  }

  expect(await context.cookies()).toEqual([])
})

test('a visitor sees the very source that runs', async ({ page }) => {
  await page.goto('/get')

  const source = page.getByRole('region', { name: 'Source of this page' })
  await expect(source).toContainText("session.update('get.visits', (visits = 0) => visits + 1)")
})

test('an address that leads nowhere says so', async ({ page }) => {
  const response = await page.goto('/no-such-page')

  expect(response?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
})
