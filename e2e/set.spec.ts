import { expect, test } from './fixtures'
import { fact, lesson } from './page-parts'

test('a value that is set without save is there in that request and gone on the next', async ({
  page,
  context,
}) => {
  await page.goto('/set')
  await page.getByLabel('Colour').fill('plum')
  await page.getByRole('button', { name: 'Set without save' }).click()

  await expect(fact(lesson(page), 'In that request')).toHaveText('plum')
  await expect(fact(lesson(page), 'On the next request')).toHaveText('nothing')

  await page.getByRole('link', { name: 'reload with a new request' }).click()
  await expect(fact(lesson(page), 'In that request')).toHaveText('nothing')
  await expect(fact(lesson(page), 'On the next request')).toHaveText('nothing')
  expect(await context.cookies()).toEqual([])
})

test('a value that was saved before keeps its old state', async ({ page }) => {
  await page.goto('/set')
  await page.request.patch('/api/session', { data: { set: { 'set.colour': 'grey' } } })
  await page.getByLabel('Colour').fill('plum')
  await page.getByRole('button', { name: 'Set without save' }).click()
  await expect(fact(lesson(page), 'In that request')).toHaveText('plum')

  await page.getByRole('link', { name: 'reload with a new request' }).click()
  await expect(fact(lesson(page), 'On the next request')).toHaveText('grey')
})
