import type { BrowserContext, Page } from '@playwright/test'
import { demos } from '../app/demos'
import { expect, test } from './fixtures'
import { lesson } from './page-parts'

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

/** Two frames after all is loaded, what would move has moved, and the observer has been told. */
async function shiftsOf(page: Page) {
  return page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame)
    await document.fonts.ready
    for (let frames = 0; frames < 3; frames++) await frame()
    return window.shifts
  })
}

for (const [size, viewport] of Object.entries({
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
})) {
  test.describe(`on a ${size}`, () => {
    test.use({ viewport })

    test('nothing moves on any page while it loads, with an empty session and with a full one', async ({
      page,
      context,
    }) => {
      await watchShifts(context)
      for (const begin of [async () => {}, () => saveNote(page)]) {
        await begin()
        for (const path of ['/', ...demos.map(({ slug }) => `/${slug}`)]) {
          await page.goto(path, { waitUntil: 'networkidle' })
          expect(await shiftsOf(page), path).toEqual([])
        }
      }
    })
  })
}

async function saveNote(page: Page): Promise<void> {
  await page.goto('/save')
  await page.getByLabel('Note').fill('a note')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(lesson(page)).toContainText('a note')
}
