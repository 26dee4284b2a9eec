import { expect, test } from './fixtures'
import { fact, lesson, moment, sessionCard, sessionCookies } from './page-parts'

test.use({ javaScriptEnabled: false })

test('a visitor says a name and is known', async ({ page }) => {
  await page.goto('/why-sessions')
  await page.getByLabel('Your name').fill('Ada')
  await page.getByRole('button', { name: 'Say who you are' }).click()

  await expect(fact(lesson(page), 'So you are')).toHaveText('Ada')
})

test('a visitor counts visits', async ({ page }) => {
  await page.goto('/get')
  for (const count of ['1', '2', '3']) {
    await page.getByRole('button', { name: 'Count a visit' }).click()
    await expect(fact(lesson(page), 'Visits counted')).toHaveText(count)
  }
})

test('a visitor sees a value that is set without save once and never again', async ({ page }) => {
  await page.goto('/set')
  await page.getByLabel('Colour').fill('plum')
  await page.getByRole('button', { name: 'Set without save' }).click()
  await expect(fact(lesson(page), 'In that request')).toHaveText('plum')
  await expect(fact(lesson(page), 'On the next request')).toHaveText('nothing')

  await page.getByRole('link', { name: 'reload with a new request' }).click()
  await expect(fact(lesson(page), 'In that request')).toHaveText('nothing')
})

test('a visitor saves a note', async ({ page }) => {
  await page.goto('/save')
  await page.getByLabel('Note').fill('Grüße 👋')
  await page.getByRole('button', { name: 'Save', exact: true }).click()

  await expect(fact(lesson(page), 'Saved note')).toHaveText('Grüße 👋')
})

test('a visitor deletes one key', async ({ page }) => {
  await page.goto('/delete')
  await page.getByRole('button', { name: 'Save both keys' }).click()
  await expect(fact(lesson(page), 'delete.first')).toHaveText('apple')
  await page.getByRole('button', { name: 'Delete the first' }).click()

  await expect(fact(lesson(page), 'delete.first')).toHaveText('absent')
  await expect(fact(lesson(page), 'delete.second')).toHaveText('pear')
})

test('a visitor destroys the session', async ({ page, context }) => {
  await page.goto('/delete-all')
  await page.getByLabel('Name').fill('Ada')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(fact(lesson(page), 'Name')).toHaveText('Ada')
  await page.getByRole('button', { name: 'Destroy the session' }).click()

  await expect(fact(lesson(page), 'Name')).toHaveText('nothing')
  await expect(fact(sessionCard(page), 'Public id')).toHaveText('none yet')
  expect(await sessionCookies(context)).toEqual([])
})

test('a visitor turns avoid touch on, and the expiry stays the same', async ({ page, server }) => {
  await page.goto('/avoid-touch')
  await page.getByRole('button', { name: 'Save something first' }).click()
  await page.getByRole('button', { name: 'Turn on' }).click()
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('on')
  const expires = await moment(lesson(page), 'Expires')

  await server.advance({ seconds: 600 })
  await page.getByRole('link', { name: 'Reload' }).click()
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('on')
  expect(await moment(lesson(page), 'Expires')).toBe(expires)
})

test('a visitor regenerates the session and keeps the data', async ({ page }) => {
  await page.goto('/regenerate')
  await page.getByLabel('Greeting').fill('Hello again')
  await page.getByRole('button', { name: 'Save' }).click()
  const id = (await fact(lesson(page), 'Public id').textContent()) ?? ''
  await page.getByRole('button', { name: 'Regenerate' }).click()

  await expect(fact(lesson(page), 'Public id before')).toHaveText(id)
  await expect(fact(lesson(page), 'Public id after')).not.toHaveText(id)
  await expect(fact(lesson(page), 'Greeting')).toHaveText('Hello again')
})

test('a visitor reads the session as JSON by following a link', async ({ page }) => {
  await page.goto('/route-handler')
  await page.getByRole('link', { name: 'GET /api/session' }).click()

  await expect(page.getByText('"isNew":true')).toBeVisible()
})

test('a visitor saves and reads how long it took', async ({ page }) => {
  await page.goto('/choosing-a-store')
  await page.getByRole('button', { name: 'Save once and time it' }).click()

  await expect(fact(lesson(page), 'Saves')).toHaveText('1')
  await expect(fact(lesson(page), 'The last took')).toHaveText(/^\d+\.\d\d ms$/)
})

test('a visitor attacks, and the attack fails', async ({ page }) => {
  await page.goto('/what-an-attacker-tries')
  await page.getByRole('button', { name: 'Start a session' }).click()
  await page.getByRole('button', { name: 'Forge a cookie' }).click()

  await expect(page.getByRole('status')).toHaveText('The attack failed.')
  await expect(fact(lesson(page), 'Your secret')).toHaveText('the plans')
})

test('a visitor switches to dark and back to what the system says', async ({ page }) => {
  await page.goto('/get')
  await page.getByRole('button', { name: 'Dark' }).click()
  await expect(page.getByRole('button', { name: 'Dark', pressed: true })).toBeVisible()
  await page.getByRole('button', { name: 'System' }).click()

  await expect(page.getByRole('button', { name: 'System', pressed: true })).toBeVisible()
})

test('saving and being redirected shows the new value 60 times in a row', async ({ page, baseURL }) => {
  // What a browser sends for the form, and the redirect it follows, with its own cookies; drawing 60 pages tells no more.
  let answer = await page.request.get('/get')
  for (let count = 1; count <= 60; count++) {
    const action = /<article.*?<form.*?name="(\$ACTION_ID_\w+)"/s.exec(await answer.text())?.[1] ?? ''
    answer = await page.request.post('/get', {
      multipart: { [action]: '' },
      headers: { origin: new URL(baseURL ?? '').origin },
    })
    expect(/<dd data-field="visits"[^>]*>(\d+)/.exec(await answer.text())?.[1]).toBe(String(count))
  }
})
