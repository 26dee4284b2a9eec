import type { Page } from '@playwright/test'
import { SESSION_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { fact, lesson } from './page-parts'

test.beforeEach(async ({ page }) => {
  await page.goto('/what-an-attacker-tries')
  await page.getByRole('button', { name: 'Begin a session' }).click()
  await expect(fact(lesson(page), 'Your secret')).toHaveText('the plans')
})

for (const [attack, sent] of [
  ['Forge a cookie', 'random characters'],
  ['Cut yours short', 'without its last ten characters'],
  ['Bring another site’s', 'another site’s secret'],
] as const) {
  test(`${attack}: the server sees a stranger, and the visitor keeps the session`, async ({ page }) => {
    const id = (await fact(lesson(page), 'Your public id').textContent()) ?? ''
    await page.getByRole('button', { name: attack }).click()

    await expect(page.getByRole('status')).toHaveText('The attack opened nothing.')
    await expect(fact(lesson(page), 'Sent')).toContainText(sent)
    await expect(fact(lesson(page), 'Answer')).toHaveText('status 200, a stranger with an empty session')
    await expect(fact(lesson(page), 'Your public id')).toHaveText(id)
    await expect(fact(lesson(page), 'Your secret')).toHaveText('the plans')
  })
}

test('a replayed cookie opens nothing; a minute later it does in the cookie store, and the page says so', async ({
  page,
  context,
  server,
  store,
}) => {
  const old = (await context.cookies()).find(({ name }) => name === SESSION_COOKIE)
  await page.getByRole('button', { name: 'Replay an old one' }).click()

  await expect(page.getByRole('status')).toHaveText('The attack opened nothing.')
  const cannotEndIt = store === 'cookie'
  await expect(lesson(page).getByText('Replay is the one attack')).toBeVisible({ visible: cannotEndIt })
  await expect(fact(lesson(page), 'Your secret')).toHaveText('the plans')

  await server.advance({ seconds: 60 })
  const thief = new HttpVisitor(server, [[SESSION_COOKIE, old?.value ?? '']])
  expect(await thief.session()).toMatchObject({ isNew: !cannotEndIt })
})

test('an address with an attack that nobody made shows nothing', async ({ page }) => {
  await page.goto('/what-an-attacker-tries?attack=toString&answer=constructor')

  await expect(fact(lesson(page), 'Your secret')).toHaveText('the plans')
  await expect(page.getByRole('status')).toHaveCount(0)
})

test('whoever asks learns whether they are known, and no more', async ({ page, newVisitor }) => {
  const ask = async (visitor: Page) => (await visitor.request.get('/what-an-attacker-tries/who')).text()
  expect(await ask(page)).toBe('{"known":true}')
  expect(await ask(await newVisitor())).toBe('{"known":false}')
})
