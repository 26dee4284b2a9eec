import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { fact, sessionCard } from './page-parts'

/** Whether the page is painted dark: how bright its ground is, whatever the colour. */
async function isDark(page: Page): Promise<boolean> {
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  return Math.max(...(ground.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number)) < 128
}

async function choose(page: Page, theme: string): Promise<void> {
  await page.getByRole('button', { name: theme }).click()
  await expect(page.getByRole('button', { name: theme, pressed: true })).toBeVisible()
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a visitor whose system is ${colorScheme} gets that, and no cookie for it`, async ({ newVisitor }) => {
    const page = await newVisitor({ colorScheme })
    await page.goto('/')
    expect(await isDark(page)).toBe(colorScheme === 'dark')

    const answered = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.getByRole('button', { name: 'System' }).click()
    expect((await answered).status()).toBe(200)
    expect(await page.context().cookies()).toEqual([])
  })

  test(`a visitor whose system is ${colorScheme} chooses the other theme, which stays on every page`, async ({
    newVisitor,
  }) => {
    const page = await newVisitor({ colorScheme })
    await page.goto('/')
    await choose(page, colorScheme === 'dark' ? 'Light' : 'Dark')
    for (const path of ['/', '/get', '/save']) {
      await page.goto(path)
      expect(await isDark(page), path).toBe(colorScheme !== 'dark')
    }
    await page.getByRole('navigation', { name: 'Lessons' }).getByRole('link', { name: 'Regenerate' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Regenerate' })).toBeVisible()
    expect(await isDark(page)).toBe(colorScheme !== 'dark')

    await choose(page, 'System')
    expect(await isDark(page)).toBe(colorScheme === 'dark')
  })
}

test('the theme is a key of the session like any other, and ends with it', async ({ page }) => {
  await page.goto('/delete-all')
  await choose(page, 'Dark')
  await expect(fact(sessionCard(page), 'Keys')).toHaveText("site.theme 'dark'")

  await page.getByRole('button', { name: 'Destroy the session' }).click()
  await expect(page.getByRole('button', { name: 'System', pressed: true })).toBeVisible()
})
