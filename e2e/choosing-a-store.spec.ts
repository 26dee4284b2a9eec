import { expect, test } from './fixtures'
import { fact, lesson } from './page-parts'
import { storeVariable } from './server-environment'

test('a visitor sees which store runs, and how long it takes to save', async ({ page, store }) => {
  await page.goto('/choosing-a-store')
  const name = storeVariable(store)
  await expect(fact(lesson(page), 'Store now')).toHaveText(name)
  await expect(page.getByRole('row', { name: `${name} (in use)` })).toBeVisible()
  await expect(fact(lesson(page), 'The last took')).toHaveText('nothing saved yet')

  for (const saves of ['1', '2']) {
    await page.getByRole('button', { name: 'Save once and time it' }).click()
    await expect(fact(lesson(page), 'Saves')).toHaveText(saves)
    await expect(fact(lesson(page), 'The last took')).toHaveText(/^\d+\.\d\d ms$/)
  }
})
