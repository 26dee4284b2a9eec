import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { PAGES } from './pages'

/** More stops than any page has. */
const MOST_STOPS = 80

interface Stop {
  element: string
  /** Whole or in part in sight, with nothing over its middle (WCAG 2.2, 2.4.11). */
  isInSight: boolean
  /** An outline of at least two pixels (2.4.7, 2.4.13). */
  isMarked: boolean
}

/** What has the focus; undefined when it has left the page. */
async function stop(page: Page): Promise<Stop | undefined> {
  return page.evaluate(() => {
    const focused = document.activeElement
    if (focused === null || focused === document.body) return undefined
    const [firstLine] = focused.getClientRects() // a link in running text may have two
    const { left, right, top, bottom } = firstLine ?? focused.getBoundingClientRect()
    const [seenTop, seenBottom] = [Math.max(0, top), Math.min(innerHeight, bottom)]
    const atMiddle = document.elementFromPoint((left + right) / 2, (seenTop + seenBottom) / 2)
    const { outlineStyle, outlineWidth } = getComputedStyle(focused)
    return {
      element: focused.outerHTML.slice(0, 120),
      isInSight: seenBottom > seenTop && atMiddle !== null && focused.contains(atMiddle),
      isMarked: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
    }
  })
}

/** On a phone only the frame around the lessons is another. */
const ON_A_PHONE = ['/', '/get', '/two-tabs']

for (const { viewport, paths } of [
  { viewport: { width: 1280, height: 800 }, paths: [...PAGES, '/no-such-page'] },
  { viewport: { width: 390, height: 844 }, paths: ON_A_PHONE },
]) {
  test(`every stop of the Tab key is marked and in sight, ${viewport.width} wide, and Tab leaves the page`, async ({
    newVisitor,
  }) => {
    test.setTimeout(5 * 60_000) // every page, on a machine of any speed
    const page = await newVisitor({ viewport })
    await page.request.patch('/api/session', {
      data: { set: { 'two-tabs.left': 'a', 'what-an-attacker-tries.secret': 'the plans' } },
    })
    for (const path of paths) {
      await page.goto(path)
      const stops: Stop[] = []
      for (let presses = 0; presses < MOST_STOPS; presses++) {
        await page.keyboard.press('Tab')
        const reached = await stop(page)
        if (reached === undefined) break
        stops.push(reached)
      }

      expect(stops.length, path).toBeGreaterThan(3)
      expect(stops.length, `${path}: Tab never leaves it`).toBeLessThan(MOST_STOPS)
      expect(
        stops.filter(({ isInSight, isMarked }) => !isInSight || !isMarked),
        path,
      ).toEqual([])
    }
  })
}
