import type { BrowserContext, Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { PAGES } from './pages'

const SESSION = { 'get.visits': 3, 'save.note': 'a note', 'delete.first': 'apple', 'route-handler.count': 2 }

declare global {
  interface Window {
    shifts: { value: number; moved: string[] }[]
  }
}

/** Notes what moves on a page after it is first seen. What follows an input is no shift: Chromium marks it. */
async function watchShifts(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.shifts = []
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        hadRecentInput: boolean
        sources: { node: Node | null }[]
      })[]) {
        if (entry.hadRecentInput) continue
        const moved = entry.sources.map(({ node }) => node?.textContent?.slice(0, 60) ?? '')
        window.shifts.push({ value: entry.value, moved })
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

/** As on a slow line: fonts come when the page has been painted without them. */
async function delayFonts(context: BrowserContext): Promise<void> {
  await context.route('**/*.woff2', async (route) => {
    await route
      .request()
      .frame()
      .evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
    await route.continue()
  })
}

/** Once the page has its fonts, its scripts ran and the browser is idle, what would move has moved. */
async function shiftsOf(page: Page) {
  return page.evaluate(async () => {
    await document.fonts.ready
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => requestIdleCallback(resolve))
    await new Promise(requestAnimationFrame)
    return window.shifts
  })
}

for (const { size, viewport, session, data } of [
  { size: 'phone', viewport: { width: 390, height: 844 }, session: 'an empty session', data: undefined },
  { size: 'desktop', viewport: { width: 1280, height: 800 }, session: 'a filled session', data: SESSION },
]) {
  test.describe(`on a ${size}, with ${session}`, () => {
    test.use({ viewport })

    for (const path of PAGES) {
      test(`nothing moves on ${path} while it loads`, async ({ page, context }) => {
        if (data) await page.request.patch('/api/session', { data: { set: data } })
        await watchShifts(context)
        await delayFonts(context)
        await page.goto(path)
        expect(await shiftsOf(page)).toEqual([])
      })
    }
  })
}
