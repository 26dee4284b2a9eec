import { expect, test } from '@playwright/test'

test('a visitor counts visits, another browser starts at zero, and the visitor can be forgotten', async ({
  browser,
}) => {
  const baseURL = process.env.APP_URL ?? ''
  const visitor = await browser.newPage({ baseURL })
  await visitor.goto('/')
  await expect(visitor.getByRole('status')).toHaveText('0')
  await visitor.getByRole('button', { name: 'Count a visit' }).click()
  await expect(visitor.getByRole('status')).toHaveText('1')
  await visitor.getByRole('button', { name: 'Count a visit' }).click()
  await expect(visitor.getByRole('status')).toHaveText('2')
  await visitor.reload()
  await expect(visitor.getByRole('status')).toHaveText('2')

  const other = await browser.newPage({ baseURL })
  await other.goto('/')
  await expect(other.getByRole('status')).toHaveText('0')

  await visitor.getByRole('button', { name: 'Forget me' }).click()
  await expect(visitor.getByRole('status')).toHaveText('0')
})
