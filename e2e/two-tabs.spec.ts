import type { Page } from '@playwright/test'
import type { Store } from '@/scripts/stores.mjs'
import { expect, test } from './fixtures'
import { fact, lesson, sessionCard } from './page-parts'

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
    store === 'cookie' ? 'reached the browser last' : 'Both saves survived',
  )
}

/** The requests overlapped: each had read the session before either saved. */
async function expectOverlap(page: Page, store: Store): Promise<void> {
  const save = store === 'cookie' ? 'replace' : 'compare and swap'
  const moments = await lesson(page)
    .getByRole('figure', { name: 'Time line of the two requests' })
    .getByRole('listitem')
    .allTextContents()
  const whatHappened = moments.map((text) => text.replace(/^[\d.]+ ms/, ''))
  const firstSave = whatHappened.findIndex((text) => text.includes(save))
  expect(whatHappened.slice(0, firstSave).sort()).toEqual([
    'leftload → found',
    'leftstarts',
    'rightload → found',
    'rightstarts',
  ])
  expect(whatHappened.filter((text) => text.endsWith(`${save} → stored`))).toHaveLength(2)
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
    await expectOverlap(page, store)
    const run = new URL(page.url()).searchParams.get('run') ?? ''
    await expect(sessionCard(page)).toContainText(run.slice(0, 8)) // the card beside it is no older
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
    await expectOverlap(page, store)
  })
})

test('two saves that did not overlap are not called a merge, nor a loss', async ({ page }) => {
  await begin(page)
  const run = await page.locator('input[name=run]').first().inputValue()
  for (const tab of ['left', 'right']) {
    const answer = page.request.post('/api/two-tabs', { multipart: { tab, run } })
    expect((await answer).ok()).toBe(true)
  }
  await page.goto(`/two-tabs?run=${run}`)
  await expect(lesson(page).getByRole('status')).toContainText('They did not overlap')
})

test('where the server cannot be reached, the button says so and works again', async ({ page, context }) => {
  await begin(page)
  await context.setOffline(true)
  const both = page.getByRole('button', { name: 'Save from both at once' })
  await both.click()
  await expect(lesson(page).getByRole('alert')).toContainText('The server did not respond')
  await context.setOffline(false)
  await both.click()
  await expect(lesson(page).getByRole('figure')).toBeVisible()
})

test('a request of another site, or one that makes no sense, saves nothing', async ({ page }) => {
  const url = '/api/two-tabs'
  const foreign = await page.request.post(url, {
    multipart: {},
    headers: { origin: 'https://other.example' },
  })
  expect(foreign.status()).toBe(403)
  expect((await page.request.post(url, { data: 'no form' })).status()).toBe(400)
  for (const form of [{}, { tab: 'middle', run: 'x' }, { tab: 'left', run: '../' }]) {
    const answer = await page.request.post(url, { multipart: form })
    expect(answer.status()).toBe(400)
  }
  await page.goto('/two-tabs')
  await expect(fact(lesson(page), 'The left tab’s key')).toBeHidden()
})
