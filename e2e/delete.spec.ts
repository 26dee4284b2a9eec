import { expect, test } from './fixtures'
import { fact, lesson } from './page-parts'

test('a visitor deletes the first key and keeps the second', async ({ page }) => {
  await page.goto('/delete')
  await page.getByRole('button', { name: 'Save both keys' }).click()
  await expect(fact(lesson(page), 'delete.first')).toHaveText('apple')
  await expect(fact(lesson(page), 'delete.second')).toHaveText('pear')

  await page.getByRole('button', { name: 'Delete the first' }).click()
  await expect(fact(lesson(page), 'delete.first')).toHaveText('absent')
  await expect(fact(lesson(page), 'delete.second')).toHaveText('pear')

  await page.reload()
  await expect(fact(lesson(page), 'delete.first')).toHaveText('absent')
  await expect(fact(lesson(page), 'delete.second')).toHaveText('pear')
})

test('deleting a key that is absent changes nothing', async ({ page }) => {
  await page.goto('/delete')
  await page.getByRole('button', { name: 'Save both keys' }).click()
  await expect(fact(lesson(page), 'delete.first')).toHaveText('apple')

  for (let time = 0; time < 2; time++) {
    await page.getByRole('button', { name: 'Delete the first' }).click()
    await expect(fact(lesson(page), 'delete.first')).toHaveText('absent')
  }
  await expect(fact(lesson(page), 'delete.second')).toHaveText('pear')
})
