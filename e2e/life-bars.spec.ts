import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { FULL_600_SECONDS, fact, lesson } from './page-parts'

test.use({ serverEnv: { SESSION_IDLE_SECONDS: '600', SESSION_TOUCH_SECONDS: '0' } })

/** Seconds, as the bar shows them. */
async function left(page: Page, limit: 'idle' | 'absolute'): Promise<number> {
  const bar = lesson(page).getByRole('meter', { name: `Until the ${limit} limit` })
  return Number(await bar.evaluate((element: HTMLMeterElement) => element.value))
}

async function begin(page: Page): Promise<void> {
  await page.goto('/avoid-touch')
  await page.getByRole('button', { name: 'Save something first' }).click()
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('off')
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('a visit makes the idle bar full again; the absolute bar only runs down', async ({
      page,
      server,
    }) => {
      await begin(page)
      await server.advance({ seconds: 300 })
      await page.reload()

      expect(await left(page, 'idle')).toBeGreaterThan(590)
      expect(await left(page, 'absolute')).toBeLessThanOrEqual(86_400 - 300)
    })

    test('under avoid touch a visit does not; a touch by hand does', async ({ page, server }) => {
      await begin(page)
      await page.getByRole('button', { name: 'Turn on' }).click()
      await expect(fact(lesson(page), 'Avoid touch')).toHaveText('on')
      await server.advance({ seconds: 300 })
      await page.reload()
      expect(await left(page, 'idle')).toBeLessThanOrEqual(300)
      expect(await left(page, 'idle')).toBeGreaterThan(270)

      await page.getByRole('button', { name: 'Touch it by hand' }).click()
      await expect(fact(lesson(page), 'Seconds left')).toHaveText(FULL_600_SECONDS)
      expect(await left(page, 'idle')).toBeGreaterThan(590)
    })
  })
}

test('the bars run down while one looks, without a request', async ({ page }) => {
  await page.clock.install()
  await begin(page)
  const before = await left(page, 'idle')
  await page.clock.fastForward(120_000)

  await expect.poll(() => left(page, 'idle')).toBeLessThanOrEqual(before - 120)
  await expect(lesson(page).getByText(/of 600 s left/)).toBeVisible()
})
