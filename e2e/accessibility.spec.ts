import { findings } from './axe'
import { expect, test } from './fixtures'
import { PAGES } from './pages'

/** With the one for addresses that lead nowhere. */
const EVERY_PAGE = [...PAGES, '/no-such-page']

/** Each colour scheme, width and kind of session once: what axe finds in one, such as a missing name, it finds in any. */
const VISITS = [
  {
    colorScheme: 'light',
    session: 'an empty session',
    viewport: { width: 390, height: 844 },
    data: undefined,
  },
  {
    colorScheme: 'dark',
    session: 'a full one',
    viewport: { width: 1280, height: 800 },
    data: { set: { 'get.visits': 3, 'what-an-attacker-tries.secret': 'the plans' } },
  },
] as const

for (const { colorScheme, session, viewport, data } of VISITS) {
  test(`axe finds nothing on any page, ${colorScheme}, ${viewport.width} wide, with ${session}`, async ({
    newVisitor,
  }) => {
    test.setTimeout(5 * 60_000) // every page, on a machine of any speed
    const page = await newVisitor({ colorScheme, viewport })
    if (data) await page.request.patch('/api/session', { data })
    for (const path of EVERY_PAGE) {
      await page.goto(path)
      expect(await findings(page), path).toEqual([])
    }
  })

  test(`axe finds nothing where something has just happened, ${colorScheme}`, async ({ newVisitor }) => {
    const page = await newVisitor({ colorScheme, viewport: { width: 390, height: 844 } })
    await page.goto('/what-an-attacker-tries')
    await page.getByRole('button', { name: 'Start a session' }).click()
    await page.getByRole('button', { name: 'Truncate yours' }).click()
    await expect(page.getByRole('status')).toBeVisible()
    expect(await findings(page)).toEqual([])

    await page.getByRole('button', { name: 'Lessons' }).click()
    expect(await findings(page)).toEqual([])
  })
}

test('in a low window the whole list of lessons can be reached', async ({ newVisitor }) => {
  const page = await newVisitor({ viewport: { width: 320, height: 256 } })
  await page.goto('/get')
  await page.getByRole('button', { name: 'Lessons' }).click()
  const last = page.getByRole('navigation', { name: 'Lessons' }).getByRole('link').last()
  await last.scrollIntoViewIfNeeded()
  await expect(last).toBeInViewport({ ratio: 1 })
})
