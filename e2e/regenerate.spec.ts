import { SESSION_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { fact, lesson, sessionCard } from './page-parts'

test('a visitor keeps the data and gets another id and another token', async ({ page, context }) => {
  await page.goto('/regenerate')
  await page.getByLabel('Greeting').fill('Good morning')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(fact(lesson(page), 'Greeting')).toHaveText('Good morning')

  const id = (await fact(lesson(page), 'Public id').textContent()) ?? ''
  const created = (await fact(sessionCard(page), 'Created').textContent()) ?? ''
  const token = async () => (await context.cookies()).find(({ name }) => name === SESSION_COOKIE)?.value
  const before = await token()

  await page.getByRole('button', { name: 'Regenerate' }).click()
  await expect(fact(lesson(page), 'Public id before')).toHaveText(id)
  await expect(fact(lesson(page), 'Public id after')).not.toHaveText(id)
  await expect(fact(lesson(page), 'Greeting')).toHaveText('Good morning')
  await expect(fact(sessionCard(page), 'Created')).toHaveText(created)
  expect(await token()).not.toBe(before)
})

test('a visitor without a session gets one', async ({ page }) => {
  await page.goto('/regenerate')
  await page.getByRole('button', { name: 'Regenerate' }).click()

  await expect(fact(lesson(page), 'Public id')).not.toHaveText('none yet')
  await expect(fact(lesson(page), 'Greeting')).toHaveText('nothing')
})

test('regenerating again and again keeps the data', async ({ page }) => {
  await page.goto('/regenerate')
  await page.getByLabel('Greeting').fill('Still here')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(fact(lesson(page), 'Greeting')).toHaveText('Still here')

  const seen = new Set([await fact(sessionCard(page), 'Public id').textContent()])
  for (let time = 0; time < 3; time++) {
    const before = (await fact(sessionCard(page), 'Public id').textContent()) ?? ''
    await page.getByRole('button', { name: 'Regenerate' }).click()
    await expect(fact(sessionCard(page), 'Public id')).not.toHaveText(before)
    seen.add(await fact(sessionCard(page), 'Public id').textContent())
    await expect(fact(lesson(page), 'Greeting')).toHaveText('Still here')
  }
  expect(seen.size).toBe(4)
})
