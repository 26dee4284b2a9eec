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

test('a visitor goes from lesson to lesson on a phone: the list opens, and closes behind the choice', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto('/get')
  const lessons = page.getByRole('navigation', { name: 'Demos' })
  await expect(lessons).toBeHidden()

  await tabTo(page, page.getByRole('button', { name: 'Lessons' }))
  await page.keyboard.press('Enter')
  await tabTo(page, lessons.getByRole('link', { name: 'Save', exact: true }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Save' })).toBeVisible()
  await expect(lessons).toBeHidden()
})

test('a visitor switches the theme', async ({ page }) => {
  await page.goto('/get')
  await tabTo(page, page.getByRole('button', { name: 'Light' }))
  await page.keyboard.press('Space')

  await expect(page.getByRole('button', { name: 'Light', pressed: true })).toBeVisible()
})

test('a visitor attacks', async ({ page }) => {
  await page.goto('/what-an-attacker-tries')
  await tabTo(page, page.getByRole('button', { name: 'Begin a session' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Cut yours short' })).toBeVisible()
  await tabTo(page, page.getByRole('button', { name: 'Cut yours short' }))
  await page.keyboard.press('Enter')

  await expect(page.getByRole('status')).toHaveText('The attack opened nothing.')
})
