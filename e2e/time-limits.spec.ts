import { TOUCH_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { fact, lesson, sessionCard } from './page-parts'

// No time zone of the server may matter: this one is far from the browser's and changes with the seasons.
test.use({
  serverEnv: {
    SESSION_IDLE_SECONDS: '60',
    SESSION_ABSOLUTE_SECONDS: '300',
    SESSION_TOUCH_SECONDS: '0',
    TZ: 'Pacific/Chatham',
  },
})

const save = { set: { a: 1 } }

test('a browser that only reads stays signed in past the idle limit counted from its last save', async ({
  page,
  server,
}) => {
  await page.goto('/get')
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
  const id = (await fact(sessionCard(page), 'Public id').textContent()) ?? ''

  for (let visit = 0; visit < 5; visit++) {
    await server.advance({ seconds: 40 })
    await page.goto(visit % 2 === 0 ? '/' : '/save')
    await expect(fact(sessionCard(page), 'Public id')).toHaveText(id)
  }
  await page.goto('/get')
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
})

test('a browser that stays away longer than the idle limit finds nothing, and begins anew', async ({
  page,
  server,
}) => {
  await page.goto('/get')
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
  const id = (await fact(sessionCard(page), 'Public id').textContent()) ?? ''

  await server.advance({ seconds: 61 })
  await page.reload()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('0')
  await expect(fact(sessionCard(page), 'Public id')).toHaveText('none yet')

  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
  await expect(fact(sessionCard(page), 'Public id')).not.toHaveText(id)
})

test('the absolute limit ends a session that is used all the time', async ({ page, server }) => {
  await page.goto('/get')
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')

  for (let seconds = 40; seconds < 280; seconds += 40) {
    await server.advance({ seconds: 40 })
    await page.goto('/get')
    await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')
  }
  await server.advance({ seconds: 60 }) // at most: the time that passes by itself counts too
  await page.goto('/get')
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('0')
})

test('saving all the time does not move the absolute limit either', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  const { createdAt } = await visitor.patch(save)
  for (let seconds = 30; seconds < 300; seconds += 30) {
    await server.advance({ seconds: 30 })
    expect(await visitor.patch({ increment: { a: 1 } })).toMatchObject({ isNew: false, createdAt })
  }
  await server.advance({ seconds: 30 })

  expect(await visitor.session()).toMatchObject({ isNew: true, data: {} })
})

test('a client that ignores Max-Age and replays its cookies finds nothing', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  const { id } = await visitor.patch(save)
  await server.advance({ seconds: 60 })

  expect(await visitor.session()).toMatchObject({ id: null, isNew: true, data: {} })
  const next = await visitor.patch({ set: { b: 2 } })
  expect(next.data).toEqual({ b: 2 })
  expect(next.id).not.toBe(id)
})

test('an expired session stays dead, request after request', async ({ server }) => {
  const visitor = new HttpVisitor(server)
  await visitor.patch(save)
  await server.advance({ seconds: 61 })

  for (const path of ['/', '/get', '/api/session', '/no-such-page', '/']) {
    const { setCookies } = await visitor.send(path)
    expect(setCookies).toEqual([])
  }
  expect(await visitor.session()).toMatchObject({ id: null, data: {} })
})

test.describe('with a copied cookie, an attacker who comes after the idle limit gets nothing', () => {
  test('without the touch cookie', async ({ server }) => {
    const victim = new HttpVisitor(server)
    await victim.patch(save)
    const thief = victim.copy()
    thief.cookies.delete(TOUCH_COOKIE)
    await server.advance({ seconds: 61 })

    await expectNothing(thief)
  })

  test('with the touch cookie as it was', async ({ server }) => {
    const victim = new HttpVisitor(server)
    await victim.patch(save)
    const thief = victim.copy()
    await server.advance({ seconds: 61 })

    await expectNothing(thief)
  })

  test('with a fresh touch cookie of a session of his own', async ({ server }) => {
    const victim = new HttpVisitor(server)
    await victim.patch(save)
    const thief = victim.copy()
    await server.advance({ seconds: 61 })
    const own = new HttpVisitor(server)
    await own.patch(save)
    thief.cookies.set(TOUCH_COOKIE, own.cookies.get(TOUCH_COOKIE) ?? '')

    await expectNothing(thief)
  })

  test('with a touch cookie that he wrote himself', async ({ server }) => {
    const victim = new HttpVisitor(server)
    await victim.patch(save)
    await server.advance({ seconds: 61 })
    const [tag = '', createdAt = '', , flag = '', mac = ''] = (victim.cookies.get(TOUCH_COOKIE) ?? '').split(
      '.',
    )
    const own = new HttpVisitor(server)
    await own.patch(save)
    const [, , freshLastSeen = '', , otherMac = ''] = (own.cookies.get(TOUCH_COOKIE) ?? '').split('.')

    for (const forged of [
      [tag, createdAt, freshLastSeen, flag, mac],
      [tag, freshLastSeen, freshLastSeen, flag, mac],
      [tag, createdAt, freshLastSeen, flag, otherMac],
      [tag, createdAt, freshLastSeen, '1', mac],
      [tag, createdAt, freshLastSeen, flag, ''],
      [tag, createdAt, freshLastSeen, flag],
    ]) {
      const thief = victim.copy()
      thief.cookies.set(TOUCH_COOKIE, forged.join('.'))
      await expectNothing(thief)
    }
  })

  async function expectNothing(thief: HttpVisitor): Promise<void> {
    // Again and again: an answer to the first request must not help the next.
    for (const path of ['/get', '/', '/no-such-page']) {
      const { setCookies } = await thief.send(path)
      expect(setCookies).toEqual([])
    }
    expect(await thief.session()).toMatchObject({ id: null, isNew: true, data: {} })
  }
})

test('a browser that lost its touch cookie keeps a living session, and gets the cookie again', async ({
  server,
}) => {
  const visitor = new HttpVisitor(server)
  const { id } = await visitor.patch(save)
  visitor.cookies.delete(TOUCH_COOKIE)
  await server.advance({ seconds: 40 })
  await visitor.send('/get')
  expect(visitor.cookies.has(TOUCH_COOKIE)).toBe(true)

  await server.advance({ seconds: 40 })
  expect(await visitor.session()).toMatchObject({ id, data: { a: 1 } })
})

test('limits of one second work, with no grace', async ({ startAnother }) => {
  const server = await startAnother({
    SESSION_IDLE_SECONDS: '1',
    SESSION_ABSOLUTE_SECONDS: '2',
    SESSION_TOUCH_SECONDS: '0',
  })
  const visitor = new HttpVisitor(server)
  await visitor.patch(save)
  await server.advance({ seconds: 1 })

  expect(await visitor.session()).toMatchObject({ isNew: true, data: {} })
})

test('times on the page are UTC, whatever the server’s zone', async ({ page }) => {
  await page.goto('/get')
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')

  const { createdAt } = await (await page.request.get('/api/session')).json()
  const shown = `${createdAt.slice(0, 10)} ${createdAt.slice(11, 19)} UTC`
  await expect(fact(sessionCard(page), 'Created')).toHaveText(shown)
})

test('sessions older than SESSION_EPOCH are dead, newer ones live', async ({ startAnother }) => {
  const before = await startAnother() // of its own, with a clock that no other test has moved
  const early = new HttpVisitor(before)
  await early.patch(save)
  const { createdAt } = await early.session()
  const epoch = new Date(Date.parse(createdAt ?? '') + 1).toISOString()

  const afterwards = await startAnother({ SESSION_SECRET: before.secret, SESSION_EPOCH: epoch })
  expect(await early.copy(afterwards).session()).toMatchObject({ isNew: true, data: {} })
  const late = new HttpVisitor(afterwards)
  await late.patch(save)
  expect((await late.session()).data).toEqual({ a: 1 })
})
