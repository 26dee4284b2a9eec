import { SESSION_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { fact, lesson } from './page-parts'
import { newSecret } from './server'
import { storeVariable } from './server-environment'

/** Another store than the suite runs on, with tokens of the other kind. */
function otherThan(store: string) {
  return store === 'cookie' ? 'file' : 'cookie'
}

test('a visitor keeps the session while the app moves to another store by its environment alone', async ({
  newVisitor,
  startAnother,
  store,
}) => {
  const SESSION_SECRET = newSecret()
  const page = await newVisitor()
  const visits = fact(lesson(page), 'Visits counted')
  const token = async () =>
    (await page.context().cookies()).find(({ name }) => name === SESSION_COOKIE)?.value

  const before = await startAnother({ SESSION_SECRET, SESSION_STORE: otherThan(store) })
  await page.goto(`${before.url}/get`)
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(visits).toHaveText('1')
  const oldToken = await token()

  const moving = await startAnother({ SESSION_SECRET, SESSION_MIGRATE_FROM: otherThan(store) })
  await page.goto(`${moving.url}/get`)
  await expect(visits).toHaveText('1')
  expect(await token()).toBe(oldToken)
  await page.getByRole('button', { name: 'Count a visit' }).click()
  await expect(visits).toHaveText('2')
  expect(await token()).toMatch(store === 'cookie' ? /^[\w-]+\.\S{50}/ : /^[\w-]{43}$/)

  const after = await startAnother({ SESSION_SECRET })
  await page.goto(`${after.url}/get`)
  await expect(visits).toHaveText('2')
})

test('a move can be rolled back: nobody loses what was saved meanwhile', async ({ startAnother, store }) => {
  const SESSION_SECRET = newSecret()
  const before = await startAnother({ SESSION_SECRET, SESSION_STORE: otherThan(store) })
  const [mover, latecomer] = [new HttpVisitor(before), new HttpVisitor(before)]
  for (const visitor of [mover, latecomer]) await visitor.patch({ set: { a: 1 } })
  const moving = await startAnother({ SESSION_SECRET, SESSION_MIGRATE_FROM: otherThan(store) })
  const moved = mover.copy(moving)
  await moved.patch({ set: { b: 2 } })
  const newcomer = new HttpVisitor(moving)
  await newcomer.patch({ set: { c: 3 } })

  const rollingBack = await startAnother({
    SESSION_SECRET,
    SESSION_STORE: otherThan(store),
    SESSION_MIGRATE_FROM: storeVariable(store),
  })
  for (const [visitor, data] of [
    [moved, { a: 1, b: 2 }],
    [latecomer, { a: 1 }],
    [newcomer, { c: 3 }],
  ] as const) {
    const back = visitor.copy(rollingBack)
    expect((await back.session()).data).toEqual(data)
    await back.patch({ set: { d: 4 } })
    expect((await back.copy(before).session()).data).toEqual({ ...data, d: 4 })
  }
})

test('without SESSION_MIGRATE_FROM a visitor of the old store begins anew, without an error', async ({
  startAnother,
  server,
  store,
}) => {
  const before = await startAnother({ SESSION_SECRET: server.secret, SESSION_STORE: otherThan(store) })
  const visitor = new HttpVisitor(before)
  await visitor.patch({ set: { a: 1 } })
  const newcomer = visitor.copy(server)

  expect(await newcomer.session()).toMatchObject({ id: null, data: {} })
  expect((await newcomer.send('/get')).status).toBe(200)
  await newcomer.patch({ set: { b: 2 } })
  expect((await newcomer.session()).data).toEqual({ b: 2 })
})
