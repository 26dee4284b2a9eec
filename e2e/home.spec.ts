import { lessons } from '@/app/(course)/lessons'
import { expect, test } from './fixtures'
import { fact, lesson, sessionCard } from './page-parts'
import { PAGES } from './pages'

test('a visitor finds every lesson on the home page and can open it', async ({ page }) => {
  for (const { slug, title, sentence } of lessons) {
    await page.goto('/')
    await page.getByRole('link', { name: `${title} ${sentence.replaceAll('`', '')}` }).click()

    await expect(page).toHaveURL(`/${slug}`)
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
    await expect(page).toHaveTitle(`${title} · sess`)
  }
})

test('a visitor reaches every lesson by going on to the next', async ({ page }) => {
  await page.goto(`/${lessons[0].slug}`)
  for (const { title } of lessons.slice(1)) {
    await page.getByRole('navigation', { name: 'Previous and next lesson' }).getByText(title).click()
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
  }
})

test('a visitor runs the code that the home page shows', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: 'Count a visit' }).click()

  await expect(page).toHaveURL('/get')
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
})

test('a visitor copies the commands to start with', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto('/')
  await page.getByRole('button', { name: 'Copy npx create-sess-app my-app' }).click()

  await expect(page.getByRole('button', { name: 'Copied npx create-sess-app my-app' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    'npx create-sess-app my-app\ncd my-app && npm run dev',
  )
})

test('the navigation marks the page one is on', async ({ page }) => {
  await page.goto('/save')

  const here = page.getByRole('navigation', { name: 'Lessons' }).locator('[aria-current=page]')
  await expect(here).toHaveText(/Save$/)
})

test('a visitor who only looks gets no cookie', async ({ page, context }) => {
  for (const path of PAGES) {
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
