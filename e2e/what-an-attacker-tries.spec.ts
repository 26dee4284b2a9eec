import type { Page } from '@playwright/test'
import { SESSION_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { fact, lesson } from './page-parts'

test.beforeEach(async ({ page }) => {
  await page.goto('/what-an-attacker-tries')
  await page.getByRole('button', { name: 'Start a session' }).click()
  await expect(fact(lesson(page), 'Your secret')).toHaveText('the plans')
})

for (const [attack, sent] of [
  ['Forge a cookie', 'random characters'],
  ['Truncate yours', 'without its last ten characters'],
  ['Send another site’s', 'another site’s secret'],
] as const) {
  test(`${attack}: the server sees no session, and the visitor keeps theirs`, async ({ page }) => {
    const id = (await fact(lesson(page), 'Your public id').textContent()) ?? ''
    await page.getByRole('button', { name: attack }).click()

    await expect(page.getByRole('status')).toHaveText('The attack failed.')
    await expect(fact(lesson(page), 'Sent')).toContainText(sent)
    await expect(fact(lesson(page), 'Response')).toHaveText('status 200, with an empty session')
    await expect(fact(lesson(page), 'Your public id')).toHaveText(id)
    await expect(fact(lesson(page), 'Your secret')).toHaveText('the plans')
  })
}

test('a replayed cookie fails; a minute later it works in the cookie store, and the page says so', async ({
  page,
  context,
  server,
  store,
}) => {
  const old = (await context.cookies()).find(({ name }) => name === SESSION_COOKIE)
  await page.getByRole('button', { name: 'Replay an old one' }).click()

  await expect(page.getByRole('status')).toHaveText('The attack failed.')
  const cannotEndIt = store === 'cookie'
  await expect(lesson(page).getByText('The cookie store cannot stop a replay')).toBeVisible({
    visible: cannotEndIt,
  })
  await expect(fact(lesson(page), 'Your secret')).toHaveText('the plans')

  await server.advance({ seconds: 60 })
  const thief = new HttpVisitor(server, [[SESSION_COOKIE, old?.value ?? '']])
  expect(await thief.session()).toMatchObject({ isNew: !cannotEndIt })
})

test('unknown words in the address show nothing', async ({ page }) => {
  await page.goto('/what-an-attacker-tries?attack=toString&answer=constructor')

  await expect(fact(lesson(page), 'Your secret')).toHaveText('the plans')
  await expect(page.getByRole('status')).toHaveCount(0)
})

test('the answer says whether the client has a session, and nothing else', async ({ page, newVisitor }) => {
  const ask = async (visitor: Page) => (await visitor.request.get('/what-an-attacker-tries/who')).text()
  expect(await ask(page)).toBe('{"known":true}')
  expect(await ask(await newVisitor())).toBe('{"known":false}')
})
