import type { Locator, Page } from '@playwright/test'

/** More stops than any page has. */
const MOST_STOPS = 60

/** Reaches a button with Tab and presses it. */
export async function press(page: Page, button: string): Promise<void> {
  await tabTo(page, page.getByRole('main').getByRole('button', { name: button, exact: true }))
  await page.keyboard.press('Enter')
}

/** Reaches a field with Tab, types, and sends the form with Enter. */
export async function typeAndSend(page: Page, field: string, text: string): Promise<void> {
  await tabTo(page, page.getByLabel(field, { exact: true }))
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

/** Presses Tab until the target has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`Tab does not reach ${target}`)
}
