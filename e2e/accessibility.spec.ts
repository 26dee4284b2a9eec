import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { demos } from '../app/demos'
import { expect, test } from './fixtures'

const PAGES = ['/', ...demos.map(({ slug }) => `/${slug}`), '/no-such-page']

/** WCAG 2.2 A and AA, and what axe counts as good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds on a page, with the elements, to be read in a failure. */
async function findings(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
  return violations.map(({ id, impact, nodes }) => ({ id, impact, elements: nodes.map(({ html }) => html) }))
}

const VISITS = [
  { session: 'an empty session', viewport: { width: 390, height: 844 }, data: undefined },
  {
    session: 'a full one',
    viewport: { width: 1280, height: 800 },
    data: { set: { 'get.visits': 3, 'what-an-attacker-tries.secret': 'the plans' } },
  },
]

for (const colorScheme of ['light', 'dark'] as const) {
  for (const { session, viewport, data } of VISITS) {
    test(`axe finds nothing on any page, ${colorScheme}, ${viewport.width} wide, with ${session}`, async ({
      newVisitor,
    }) => {
      test.setTimeout(5 * 60_000) // every page, on a machine of any speed
      const page = await newVisitor({ colorScheme, viewport })
      if (data) await page.request.patch('/api/session', { data })
      for (const path of PAGES) {
        await page.goto(path)
        expect(await findings(page), path).toEqual([])
      }
    })
  }

  test(`axe finds nothing where something has just happened, ${colorScheme}`, async ({ newVisitor }) => {
    const page = await newVisitor({ colorScheme, viewport: { width: 390, height: 844 } })
    await page.goto('/what-an-attacker-tries')
    await page.getByRole('button', { name: 'Begin a session' }).click()
    await page.getByRole('button', { name: 'Cut yours short' }).click()
    await expect(page.getByRole('status')).toBeVisible()
    expect(await findings(page)).toEqual([])

    await page.getByRole('button', { name: 'Lessons' }).click()
    expect(await findings(page)).toEqual([])
  })
}
