import type { Page } from '@playwright/test'
import type { Store } from '../scripts/stores.mjs'
import { expect, test } from './fixtures'
import { fact, lesson } from './page-parts'

async function begin(page: Page): Promise<void> {
  await page.goto('/two-tabs')
  await page.getByRole('button', { name: 'Save something first' }).click()
  await expect(page.getByRole('button', { name: 'Save from this tab' })).toBeVisible()
}

/** Both keys of the run where the store can merge; one of them where the last writer wins. */
async function expectOutcome(page: Page, store: Store): Promise<void> {
  const kept = lesson(page).getByText('(this run)')
  const lost = lesson(page).getByText('(lost in this run)')
  await expect(kept).toHaveCount(store === 'cookie' ? 1 : 2)
  await expect(lost).toHaveCount(store === 'cookie' ? 1 : 0)
  await expect(lesson(page).getByRole('status')).toContainText(
    store === 'cookie' ? 'the last writer won' : 'Both saves survived',
  )
}

/** The requests overlapped: each had read the session before either saved. */
async function expectOverlap(page: Page): Promise<void> {
  const moments = await lesson(page)
    .getByRole('figure', { name: 'Time line of the two requests' })
    .getByRole('listitem')
    .allTextContents()
  const whatHappened = moments.map((text) => text.replace(/^[\d.]+ ms/, ''))
  const firstSave = whatHappened.findIndex((text) => text.includes('update'))
  expect(whatHappened.slice(0, firstSave).sort()).toEqual([
    'leftbegins',
    'leftload → found',
    'rightbegins',
    'rightload → found',
  ])
  expect(whatHappened.filter((text) => text.endsWith('update → stored'))).toHaveLength(2)
}

test('two requests at once: the server merges both saves, the cookie keeps the last', async ({
  page,
  store,
}) => {
  await begin(page)
  for (let run = 0; run < 2; run++) {
    const before = page.url()
    await page.getByRole('button', { name: 'Save from both at once' }).click()
    await expect(page).not.toHaveURL(before)
    await expectOutcome(page, store)
    await expectOverlap(page)
  }
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('two tabs at once, by hand', async ({ page, context, store }) => {
    await begin(page)
    const opened = context.waitForEvent('page')
    await page.getByRole('button', { name: 'Save from a new tab' }).click()
    await page.getByRole('button', { name: 'Save from this tab' }).click()
    const other = await opened // once it was answered, and that takes both

    await expect(lesson(page).getByRole('figure')).toBeVisible()
    await expect(lesson(other).getByRole('figure')).toBeVisible()
    await expectOutcome(page, store)
    await expectOverlap(page)
  })
})

test('a request of another site, or one that makes no sense, saves nothing', async ({ page }) => {
  const url = '/api/two-tabs'
  const foreign = await page.request.post(url, {
    multipart: {},
    headers: { origin: 'https://other.example' },
  })
  expect(foreign.status()).toBe(403)
  for (const form of [{}, { tab: 'middle', run: 'x' }, { tab: 'left', run: '../' }]) {
    const answer = await page.request.post(url, { multipart: form })
    expect(answer.status()).toBe(400)
  }
  await page.goto('/two-tabs')
  await expect(fact(lesson(page), 'The left tab’s key')).toBeHidden()
})
