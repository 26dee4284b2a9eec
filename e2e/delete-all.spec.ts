import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { fact, lesson, sessionCard, sessionCookies } from './page-parts'

async function saveName(page: Page, name: string): Promise<void> {
  await page.goto('/delete-all')
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(fact(lesson(page), 'Name')).toHaveText(name)
}

test('destroying the session removes its data, its id and both cookies', async ({ page, context }) => {
  await saveName(page, 'Ada')
  expect(await sessionCookies(context)).toHaveLength(2)

  await page.getByRole('button', { name: 'Destroy the session' }).click()
  await expect(fact(lesson(page), 'Name')).toHaveText('nothing')
  await expect(fact(lesson(page), 'Keys in the session')).toHaveText('0')
  await expect(fact(sessionCard(page), 'Public id')).toHaveText('none yet')
  expect(await sessionCookies(context)).toEqual([])
})

test('destroying twice, or without a session, is no error', async ({ page }) => {
  await page.goto('/delete-all')
  for (let time = 0; time < 2; time++) {
    const answered = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.getByRole('button', { name: 'Destroy the session' }).click()
    expect((await answered).status()).toBeLessThan(400)
    await expect(fact(lesson(page), 'Name')).toHaveText('nothing')
  }
})

test('destroying one visitor’s session leaves another’s alone', async ({ page, newVisitor }) => {
  const other = await newVisitor()
  await saveName(page, 'Ada')
  await saveName(other, 'Grace')

  await page.getByRole('button', { name: 'Destroy the session' }).click()
  await expect(fact(lesson(page), 'Name')).toHaveText('nothing')
  await other.reload()
  await expect(fact(lesson(other), 'Name')).toHaveText('Grace')
})

test('what is saved after destroying begins a session with another id', async ({ page }) => {
  await saveName(page, 'Ada')
  const before = (await fact(sessionCard(page), 'Public id').textContent()) ?? ''
  await page.getByRole('button', { name: 'Destroy the session' }).click()
  await expect(fact(lesson(page), 'Name')).toHaveText('nothing')

  await saveName(page, 'Grace')
  await expect(fact(sessionCard(page), 'Public id')).not.toHaveText(before)
  await expect(fact(lesson(page), 'Keys in the session')).toHaveText('1')
})
