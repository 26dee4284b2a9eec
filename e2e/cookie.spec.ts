import { SESSION_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { fact, lesson, sessionCard } from './page-parts'

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('one flipped bit makes a visitor unknown, without an error; flipped back, the visitor is known again', async ({
      page,
      store,
    }) => {
      await page.goto('/cookie')
      await page.getByRole('button', { name: 'Save something first' }).click()
      const visitor = fact(lesson(page), 'This visitor')
      await expect(visitor).toHaveText(/^known, /)
      const known = (await visitor.textContent()) ?? ''

      await page.getByRole('button', { name: 'Flip one bit' }).click()
      await expect(visitor).toHaveText('unknown')
      await expect(lesson(page).getByRole('status')).toContainText('treated you as a new visitor')
      await expect(fact(lesson(page), 'Keys in the session')).toHaveText('0')
      await expect(page.getByRole('region', { name: 'What just happened' })).toContainText(
        store === 'cookie' ? 'refused forged' : 'refused unknown',
      )
      await page.goto('/get')
      await expect(fact(sessionCard(page), 'Public id')).toHaveText('none yet')

      await page.goto('/cookie')
      await page.getByRole('button', { name: 'Flip it back' }).click()
      await expect(visitor).toHaveText(known)
      await expect(fact(lesson(page), 'Keys in the session')).toHaveText('1')
    })
  })
}

test('a visitor with an invalid cookie can start a new session', async ({ page }) => {
  await page.goto('/cookie')
  await page.getByRole('button', { name: 'Save something first' }).click()
  await page.getByRole('button', { name: 'Flip one bit' }).click()
  await page.getByRole('button', { name: 'Start a new session' }).click()
  await expect(fact(lesson(page), 'This visitor')).toHaveText(/^known, /)
  await expect(page.getByRole('button', { name: 'Start a new session' })).toBeHidden()
})

test('the picture names the parts of the cookie that the browser holds, with their sizes', async ({
  page,
  context,
  store,
}) => {
  await page.goto('/cookie')
  await page.getByRole('button', { name: 'Save something first' }).click()
  await expect(fact(lesson(page), 'This visitor')).toHaveText(/^known, /)
  const cookie = (await context.cookies()).find(({ name }) => name === SESSION_COOKIE)
  const value = cookie?.value ?? ''
  const [tag = '', ...seal] = value.split(/\.(?=Fe26)|\*/)
  const parts = store === 'cookie' ? [tag, ...seal] : [value]

  const rows = lesson(page).getByRole('table').getByRole('row')
  await expect(rows).toHaveCount(parts.length + 1)
  for (const [index, part] of parts.entries()) {
    const [start, bytes] = await rows
      .nth(index + 1)
      .getByRole('cell')
      .allTextContents()
    expect(start).toBe(part === '' ? '' : `${part.slice(0, 6)}…`)
    expect(bytes).toBe(String(part.length))
  }
  expect(await page.content()).not.toContain(value)
})
