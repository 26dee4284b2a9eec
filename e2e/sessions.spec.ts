import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'

const ADMIN_TOKEN = 'a-token-for-this-test-and-no-other-place'
test.use({ serverEnv: { SESSION_ADMIN_TOKEN: ADMIN_TOKEN } })

async function unlock(page: Page): Promise<void> {
  await page.goto('/sessions')
  await page.getByLabel('SESSION_ADMIN_TOKEN').fill(ADMIN_TOKEN)
  await page.getByRole('button', { name: 'Open' }).click()
  await expect(page.getByLabel('SESSION_ADMIN_TOKEN')).toBeHidden()
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('whoever has the token sees the live sessions by tag, ends one, and ends all', async ({
      page,
      server,
      store,
    }) => {
      const [one, other] = [new HttpVisitor(server), new HttpVisitor(server)]
      const { id } = await one.patch({ set: { a: 'a secret of this visitor' } })
      await other.patch({ set: { b: 1 } })
      await unlock(page)
      if (store === 'cookie' || store === 'memcached') {
        await expect(page.getByRole('status')).toContainText('cannot list sessions')
        return
      }

      const row = page.getByRole('row', { name: id ?? '' })
      await expect(row.getByRole('time')).toHaveCount(2)
      expect(await page.content()).not.toContain('a secret of this visitor')
      await row.getByRole('button', { name: `End ${id}` }).click()
      await expect(row).toBeHidden()
      expect(await one.peek()).toMatchObject({ isNew: true, data: {} })
      expect((await other.peek()).data).toEqual({ b: 1 })

      await page.getByRole('button', { name: 'End all sessions' }).click()
      await expect(page.getByText('0 in all')).toBeVisible()
      expect((await other.peek()).isNew).toBe(true)
    })
  })
}

test('a wrong token opens nothing', async ({ page }) => {
  await page.goto('/sessions')
  await page.getByLabel('SESSION_ADMIN_TOKEN').fill('a guess')
  await page.getByRole('button', { name: 'Open' }).click()
  await expect(page.getByText('That is not the token.')).toBeVisible()
  await expect(page.getByRole('table')).toBeHidden()
})

test('without a token in the configuration there is no such page', async ({ page, startAnother }) => {
  const server = await startAnother({ SESSION_ADMIN_TOKEN: '' })
  await page.goto(`${server.url}/sessions`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such page')
})
