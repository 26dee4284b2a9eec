import { expect, test } from './fixtures'
import { fact, lesson } from './page-parts'

test('a visitor says a name; the server knows it from then on, and only in that browser', async ({
  page,
  newVisitor,
}) => {
  await page.goto('/why-sessions')
  await expect(fact(lesson(page), 'Its cookie')).toHaveText('none')
  await expect(fact(lesson(page), 'So you are')).toHaveText('unknown')

  await page.getByLabel('Your name').fill('Ada')
  await page.getByRole('button', { name: 'Say who you are' }).click()
  await expect(fact(lesson(page), 'So you are')).toHaveText('Ada')
  await page.reload()
  await expect(fact(lesson(page), 'So you are')).toHaveText('Ada')
  await expect(fact(lesson(page), 'Its cookie')).toContainText('bytes')

  const other = await newVisitor()
  await other.goto('/why-sessions')
  await expect(fact(lesson(other), 'So you are')).toHaveText('unknown')
})
