import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { fact, lesson } from './page-parts'

/** More stops than any page has. */
const MOST_STOPS = 60

/** Presses Tab until the target has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`Tab does not reach ${target}`)
}

test('the first stop skips to the content', async ({ page }) => {
  await page.goto('/get')
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to content' })
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()

  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Count a visit' })).toBeFocused()
})

test('a visitor counts visits with Tab, Enter and Space', async ({ page }) => {
  await page.goto('/get')
  const button = page.getByRole('button', { name: 'Count a visit' })
  await tabTo(page, button)
  await page.keyboard.press('Enter')
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')

  await tabTo(page, button)
  await page.keyboard.press('Space')
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('2')
})

test('a visitor saves a note by typing it and pressing Enter', async ({ page }) => {
  await page.goto('/save')
  await tabTo(page, page.getByLabel('Note'))
  await page.keyboard.type('typed, not clicked')
  await page.keyboard.press('Enter')

  await expect(fact(lesson(page), 'Saved note')).toHaveText('typed, not clicked')
})

test('a visitor goes from demo to demo', async ({ page }) => {
  await page.goto('/get')
  await tabTo(page, page.getByRole('navigation', { name: 'Demos' }).getByRole('link', { name: 'Regenerate' }))
  await page.keyboard.press('Enter')

  await expect(page.getByRole('heading', { level: 1, name: 'Regenerate' })).toBeVisible()
})
