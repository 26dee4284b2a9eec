import type { BrowserContext, Cookie, Locator, Page } from '@playwright/test'
import { TRACE_COOKIE } from './cookie-names'

/** What the page itself shows, without the card beside it. */
export function lesson(page: Page): Locator {
  return page.getByRole('article')
}

/** The card that shows this browser's session on every page. */
export function sessionCard(page: Page): Locator {
  return page.getByRole('region', { name: /^This browser.s session$/ })
}

/** The value beside a label, such as "Expires". */
export function fact(within: Locator, label: string): Locator {
  return within
    .getByRole('term')
    .filter({ hasText: new RegExp(`^${label}$`) })
    .locator('xpath=following-sibling::dd')
}

/** "Seconds left" after a visit that extended a life of 600 seconds: the clock goes on while the page is made. */
export const FULL_600_SECONDS = /^(?:600|59\d)$/

/** The moment beside a label, in epoch milliseconds, to the second that the page shows. */
export async function moment(within: Locator, label: string): Promise<number> {
  return Date.parse((await fact(within, label).getByRole('time').getAttribute('datetime')) ?? '')
}

/** The browser's cookies without the one that tells a page what the last action did. */
export async function sessionCookies(context: BrowserContext): Promise<Cookie[]> {
  return (await context.cookies()).filter(({ name }) => name !== TRACE_COOKIE)
}
