import { expect, test } from './fixtures'
import { fact, lesson, sessionCard } from './page-parts'

test('a visitor who counts three visits sees 1, 2 and 3', async ({ page }) => {
  await page.goto('/get')
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('0')

  for (const count of ['1', '2', '3']) {
    await page.getByRole('button', { name: 'Count a visit' }).click()
    await expect(fact(lesson(page), 'Visits counted')).toHaveText(count)
  }
})

test('the count is there after a reload and on a new page of the same browser', async ({ page, context }) => {
  await page.goto('/get')
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')

  await page.reload()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')

  const secondPage = await context.newPage()
  await secondPage.goto('/get')
  await expect(fact(lesson(secondPage), 'Visits counted')).toHaveText('1')
})

test('two visitors never see each other’s count', async ({ page, newVisitor }) => {
  const other = await newVisitor()
  await page.goto('/get')
  await other.goto('/get')

  await page.getByRole('button', { name: 'Count a visit' }).click()
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('2')
  await other.reload()
  await expect(fact(lesson(other), 'Visits counted')).toHaveText('0')

  await other.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(other), 'Visits counted')).toHaveText('1')
  await page.reload()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('2')
})

test('the first saved value begins a session, which every page then shows', async ({ page }) => {
  await page.goto('/get')
  await expect(fact(sessionCard(page), 'Public id')).toHaveText('none yet')

  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(sessionCard(page), 'Public id')).not.toHaveText('none yet')
  await expect(fact(sessionCard(page), 'Keys')).toContainText('get.visits 1')

  const id = (await fact(sessionCard(page), 'Public id').textContent()) ?? ''
  await page.goto('/save')
  await expect(fact(sessionCard(page), 'Public id')).toHaveText(id)
})
