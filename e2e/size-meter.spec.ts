import { expect, test } from './fixtures'
import { fact, lesson } from './page-parts'

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('the meter fills with what is saved, until the cookie is full; a token never grows', async ({
      page,
      store,
    }) => {
      await page.goto('/save')
      const meter = lesson(page).getByRole('img', { name: /of 4096 bytes$/ })
      await expect(meter).toHaveAccessibleName('0 of 4096 bytes')
      await page.getByLabel('Note').fill('small')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await expect(fact(lesson(page), 'Saved note')).toHaveText('small')
      const bytes = async () => Number.parseInt((await meter.getAttribute('aria-label')) ?? '', 10)
      const first = await bytes()

      const add = page.getByRole('button', { name: 'Add 600 bytes' })
      if (store === 'cookie') {
        for (let last = first; last < 3600; last = await bytes()) {
          await add.click()
          await expect.poll(bytes).toBeGreaterThan(last)
        }
        await add.click()
        await expect(lesson(page).getByRole('alert')).toContainText('save.filler (')
        await expect(lesson(page).getByRole('img', { name: /of 4096 bytes, too many$/ })).toBeVisible()
        expect(await bytes()).toBeLessThanOrEqual(4096)
      } else {
        await add.click()
        await expect(page.getByText(/save.filler 'x/)).toBeVisible()
        expect(await bytes()).toBe(first)
      }
      await expect(fact(lesson(page), 'Saved note')).toHaveText('small')

      await page.getByRole('button', { name: 'Remove them' }).click()
      await expect(page.getByText(/save.filler 'x/)).toBeHidden()
      await expect.poll(bytes).toBe(first)
    })
  })
}
