import { SESSION_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor, type SessionView } from './http-visitor'
import { fact, lesson, sessionCard } from './page-parts'
import { ADMIN_TOKEN, newSecret } from './server'

// What is true of the cookie store alone; everything else is tested on every store. The name of this file says so.
test.use({ serverEnv: { SESSION_ADMIN_TOKEN: ADMIN_TOKEN } })

const COOKIE_LIMIT_BYTES = 4096

test('a note that is too large is refused with its size, and the old note stays', async ({ page }) => {
  await page.goto('/save')
  await page.getByLabel('Note').fill('small')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(fact(lesson(page), 'Saved note')).toHaveText('small')

  await page.getByRole('button', { name: 'Try to save 5000 bytes' }).click()
  await expect(lesson(page).getByRole('alert')).toContainText('the limit is 4096')
  await expect(lesson(page).getByRole('alert')).toContainText('save.note')
  await expect(fact(lesson(page), 'Saved note')).toHaveText('small')
  await page.reload()
  await expect(fact(lesson(page), 'Saved note')).toHaveText('small')
})

test('the largest session that is accepted is one that a browser keeps', async ({
  page,
  server,
  context,
}) => {
  const accepts = async (length: number) => {
    const body = { set: { text: 'x'.repeat(length) } }
    const { status } = await new HttpVisitor(server).send('/api/session', { method: 'PATCH', body })
    return status === 200
  }
  let [accepted, refused] = [1, COOKIE_LIMIT_BYTES]
  while (refused - accepted > 1) {
    const middle = Math.floor((accepted + refused) / 2)
    if (await accepts(middle)) accepted = middle
    else refused = middle
  }

  await page.goto('/')
  const status = await page.evaluate(async (text) => {
    const response = await fetch('/api/session', { method: 'PATCH', body: JSON.stringify({ set: { text } }) })
    return response.status
  }, 'x'.repeat(accepted))
  expect(status).toBe(200)
  const kept = (await context.cookies()).find(({ name }) => name === SESSION_COOKIE)
  const bytes = SESSION_COOKIE.length + (kept?.value.length ?? 0)
  expect(bytes).toBeLessThanOrEqual(COOKIE_LIMIT_BYTES)
  expect(bytes).toBeGreaterThan(COOKIE_LIMIT_BYTES - 64) // the seal grows in steps
  await page.reload()
  await expect(fact(sessionCard(page), 'Keys')).toContainText('text')
})

test('a session that is too large is refused before anything is sent, naming the heaviest keys', async ({
  server,
}) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch({ set: { small: 1 } })
  const token = visitor.cookies.get(SESSION_COOKIE)
  const { status, text, setCookies } = await visitor.send('/api/session', {
    method: 'PATCH',
    body: { set: { heavy: 'x'.repeat(3000), heavier: 'y'.repeat(4000) } },
  })

  expect(status).toBe(413)
  const answer = JSON.parse(text)
  expect(answer).toMatchObject({ limitBytes: COOKIE_LIMIT_BYTES })
  expect(answer.bytes).toBeGreaterThan(COOKIE_LIMIT_BYTES)
  expect(answer.heaviestKeys.map(({ key }: { key: string }) => key).slice(0, 2)).toEqual(['heavier', 'heavy'])
  expect(setCookies).toEqual([])
  expect(visitor.cookies.get(SESSION_COOKIE)).toBe(token)
  expect((await visitor.session()).data).toEqual({ small: 1 })
})

test('of two overlapping saves the last answer wins', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch({ set: { start: 1 } })
  const [left, right] = [visitor.copy(), visitor.copy()]
  await left.patch({ set: { left: 1 } })
  await right.patch({ set: { right: 1 } })

  expect((await right.session()).data).toEqual({ start: 1, right: 1 })
})

test('ending everyone’s sessions is beyond it, and the answer names what can', async ({ server }) => {
  const { status, text } = await new HttpVisitor(server).send('/api/session?scope=all', {
    method: 'DELETE',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  })

  expect(status).toBe(501)
  expect(JSON.parse(text).error).toContain('SESSION_EPOCH')
})

test('a seal under another session’s id opens nothing', async ({ server }) => {
  const [one, other] = [new HttpVisitor(server), new HttpVisitor(server)]
  await one.patch({ set: { a: 1 } })
  await other.patch({ set: { b: 1 } })
  const [id] = (one.cookies.get(SESSION_COOKIE) ?? '').split('.', 1)
  const seal = other.cookies.get(SESSION_COOKIE)?.replace(/^[^.]+/, '')

  expect(await new HttpVisitor(server, [[SESSION_COOKIE, `${id}${seal}`]]).session()).toMatchObject({
    id: null,
    data: {},
  })
})

test('a seal of another app, or of another cookie of this one, opens nothing', async ({
  server,
  startAnother,
}) => {
  const otherApp = await startAnother()
  const otherCookie = await startAnother({
    SESSION_SECRET: server.secret,
    SESSION_COOKIE_NAME: '__Host-other',
  })

  for (const origin of [otherApp, otherCookie]) {
    const { text, setCookies } = await new HttpVisitor(origin).send('/api/session', {
      method: 'PATCH',
      body: { set: { a: 1 } },
    })
    expect((JSON.parse(text) as SessionView).data).toEqual({ a: 1 })
    const [token = ''] = setCookies.map(({ value }) => value)

    expect(await new HttpVisitor(server, [[SESSION_COOKIE, token]]).session()).toMatchObject({
      id: null,
      data: {},
    })
  }
})

test.describe('when the secret changes', () => {
  const [old, fresh] = [newSecret(), newSecret()]

  test('sessions go on under a new secret with the old one behind it', async ({ startAnother }) => {
    const before = await startAnother({ SESSION_SECRET: old })
    const visitor = new HttpVisitor(before)
    const { id } = await visitor.patch({ set: { a: 1 } })
    const rotated = await startAnother({ SESSION_SECRET: `${fresh},${old}` })

    expect(await visitor.copy(rotated).session()).toMatchObject({ id, data: { a: 1 } })
  })

  test('a session is sealed anew when a save changes it; dropping the old secret ends only the others', async ({
    startAnother,
  }) => {
    const before = await startAnother({ SESSION_SECRET: old })
    const visitor = new HttpVisitor(before)
    await visitor.patch({ set: { a: 1 } })
    const rotated = await startAnother({ SESSION_SECRET: `${fresh},${old}` })
    const [reader, writer] = [visitor.copy(rotated), visitor.copy(rotated)]
    await reader.session()
    await writer.patch({ set: { b: 2 } })
    const after = await startAnother({ SESSION_SECRET: fresh })

    expect(await reader.copy(after).session()).toMatchObject({ id: null, data: {} })
    expect((await writer.copy(after).session()).data).toEqual({ a: 1, b: 2 })
  })

  test('the order of the secrets never mistakes one for the other', async ({ startAnother }) => {
    const one = await startAnother({ SESSION_SECRET: `${old},${fresh}` })
    const other = await startAnother({ SESSION_SECRET: `${fresh},${old}` })
    const [fromOne, fromOther] = [new HttpVisitor(one), new HttpVisitor(other)]
    await fromOne.patch({ set: { from: 'one' } })
    await fromOther.patch({ set: { from: 'other' } })

    expect((await fromOne.copy(other).session()).data).toEqual({ from: 'one' })
    expect((await fromOther.copy(one).session()).data).toEqual({ from: 'other' })
  })

  test('a visit after the change still extends the session', async ({ startAnother }) => {
    const before = await startAnother({
      SESSION_SECRET: old,
      SESSION_IDLE_SECONDS: '600',
    })
    const visitor = new HttpVisitor(before)
    await visitor.patch({ set: { a: 1 } })
    const rotated = await startAnother({
      SESSION_SECRET: `${fresh},${old}`,
      SESSION_IDLE_SECONDS: '600',
    })
    const moved = visitor.copy(rotated)
    for (let visit = 0; visit < 3; visit++) {
      await rotated.advance({ seconds: 400 })
      await moved.send('/get')
    }

    expect((await moved.session()).data).toEqual({ a: 1 })
  })
})
