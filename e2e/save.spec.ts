import { expect, test } from './fixtures'
import { fact, lesson } from './page-parts'

test('a note that is saved is there on the next visit', async ({ page }) => {
  await page.goto('/save')
  await expect(fact(lesson(page), 'Saved note')).toHaveText('nothing')

  await page.getByLabel('Note').fill('buy milk')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(fact(lesson(page), 'Saved note')).toHaveText('buy milk')

  await page.goto('/get')
  await page.goto('/save')
  await expect(fact(lesson(page), 'Saved note')).toHaveText('buy milk')
})

for (const note of [
  'Grüße, Žluťoučký kůň',
  '日本語 한국어 العربية עברית',
  '👩‍👩‍👧 🏴‍☠️ é',
  '"quotes"; and, \\ %2F <b>',
]) {
  test(`the note ${note} comes back as it was`, async ({ page }) => {
    await page.goto('/save')
    await page.getByLabel('Note').fill(note)
    await page.getByRole('button', { name: 'Save', exact: true }).click()

    await expect(fact(lesson(page), 'Saved note')).toHaveText(note)
    await page.reload()
    await expect(fact(lesson(page), 'Saved note')).toHaveText(note)
  })
}

test('the last of several saved notes wins', async ({ page }) => {
  await page.goto('/save')
  for (const note of ['one', 'two', 'three']) {
    await page.getByLabel('Note').fill(note)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(fact(lesson(page), 'Saved note')).toHaveText(note)
  }
  await page.reload()
  await expect(fact(lesson(page), 'Saved note')).toHaveText('three')
})

test('saving and being redirected shows the new value 40 times in a row', async ({ page }) => {
  test.setTimeout(3 * 60_000) // 40 round trips, on a machine of any speed
  await page.goto('/get')
  const button = page.getByRole('button', { name: 'Count a visit' })
  for (let count = 1; count <= 40; count++) {
    await button.click()
    await expect(fact(lesson(page), 'Visits counted')).toHaveText(String(count))
  }
})
