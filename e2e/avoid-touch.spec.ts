import { expect, test } from './fixtures'
import { FULL_600_SECONDS, fact, lesson, moment } from './page-parts'

test.use({ serverEnv: { SESSION_IDLE_SECONDS: '600', SESSION_TOUCH_SECONDS: '0' } })

test.beforeEach(async ({ page }) => {
  await page.goto('/avoid-touch')
  await page.getByRole('button', { name: 'Save something first' }).click()
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('off')
})

test('while it is off, a visit moves the expiry', async ({ page, server }) => {
  const before = await moment(lesson(page), 'Expires')
  await server.advance({ seconds: 100 })
  await page.getByRole('link', { name: 'Reload' }).click()

  await expect.poll(() => moment(lesson(page), 'Expires')).toBeGreaterThanOrEqual(before + 100_000)
  await expect(fact(lesson(page), 'Seconds left')).toHaveText(FULL_600_SECONDS)
})

test('while avoid touch is on, the expiry stays the same, no matter how often the visitor comes', async ({
  page,
  server,
}) => {
  await page.getByRole('button', { name: 'Turn on' }).click()
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('on')
  const expires = await moment(lesson(page), 'Expires')

  for (const left of [500, 400, 300]) {
    await server.advance({ seconds: 100 })
    await page.reload()
    expect(await moment(lesson(page), 'Expires')).toBe(expires)
    const shown = Number(await fact(lesson(page), 'Seconds left').textContent())
    expect(shown).toBeLessThanOrEqual(left)
    expect(shown).toBeGreaterThan(left - 30)
  }
})

test('while it is on, a session ends its idle limit after the last save, used or not', async ({
  page,
  server,
}) => {
  await page.getByRole('button', { name: 'Turn on' }).click()
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('on')

  await server.advance({ seconds: 400 })
  await page.reload()
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('on')
  await server.advance({ seconds: 201 })
  await page.reload()

  await expect(page.getByRole('button', { name: 'Save something first' })).toBeVisible()
})

test('it can be switched back, and visits move the expiry again', async ({ page, server }) => {
  await page.getByRole('button', { name: 'Turn on' }).click()
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('on')
  await page.getByRole('button', { name: 'Turn off' }).click()
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('off')
  const before = await moment(lesson(page), 'Expires')

  await server.advance({ seconds: 100 })
  await page.reload()
  expect(await moment(lesson(page), 'Expires')).toBeGreaterThanOrEqual(before + 100_000)
})
