import { SESSION_COOKIE, TOUCH_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import type { Server } from './server'

const save = { set: { secret: 'only for its owner' } }
const EMPTY = { id: null, isNew: true, data: {}, createdAt: null, expiresAt: null }

async function ownerOfSession(server: Server): Promise<{ visitor: HttpVisitor; token: string }> {
  const visitor = new HttpVisitor(server)
  await visitor.patch(save)
  return { visitor, token: visitor.cookies.get(SESSION_COOKIE) ?? '' }
}

/** Presents session cookies that must open nothing: each gets a normal answer with an empty session, and no cookie. */
async function expectAllRefused(server: Server, values: readonly string[]): Promise<void> {
  const wrong: { value: string; answer: unknown }[] = []
  for (let start = 0; start < values.length; start += 20) {
    const batch = values.slice(start, start + 20).map(async (value) => {
      const stranger = new HttpVisitor(server, [[SESSION_COOKIE, value]])
      const { status, text, setCookies } = await stranger.send('/api/session')
      const isRefused = status === 200 && setCookies.length === 0 && JSON.parse(text).id === null
      if (!isRefused || text.includes('only for its owner'))
        wrong.push({ value, answer: { status, text, setCookies } })
    })
    await Promise.all(batch)
  }
  expect(wrong).toEqual([])
}

test('one flipped bit anywhere in the cookie opens nothing', async ({ server }) => {
  const { visitor, token } = await ownerOfSession(server)
  // The lowest bit, or the next where that would make a character that ends the cookie.
  const flipped = [...token].map((character, index) => {
    const code = character.charCodeAt(0)
    const other = String.fromCharCode(character === '-' ? code ^ 2 : code ^ 1)
    return token.slice(0, index) + other + token.slice(index + 1)
  })

  await expectAllRefused(server, flipped)
  expect((await visitor.session()).data).toEqual(save.set)
})

test('the letter case of any character counts', async ({ server }) => {
  const { token } = await ownerOfSession(server)
  const changed = [...token].flatMap((character, index) => {
    const other = /[a-z]/.test(character) ? character.toUpperCase() : character.toLowerCase()
    return other === character ? [] : [token.slice(0, index) + other + token.slice(index + 1)]
  })

  await expectAllRefused(server, changed)
})

test('a cookie cut short at any length opens nothing', async ({ server }) => {
  const { token } = await ownerOfSession(server)

  await expectAllRefused(
    server,
    Array.from(token, (_, length) => token.slice(0, length)),
  )
})

test('whatever is added to a good cookie spoils it', async ({ server }) => {
  const { token } = await ownerOfSession(server)
  const endings = [
    '.',
    '~',
    '~2',
    '~2~3',
    '*',
    '=',
    'A',
    '%00',
    '%20x',
    '\u0009x',
    '/..',
    `.${token}`,
    `*${token}`,
  ]

  await expectAllRefused(server, [
    ...endings.map((ending) => token + ending),
    ...['.', '*', 'A'].map((x) => x + token),
  ])
})

const MADE_UP = [
  ['nothing', ''],
  ['a word', 'junk'],
  ['quotes', '""'],
  ['only dots', '....'],
  ['only stars', '********'],
  ['broken percent signs', '%E0%A4%A'],
  ['a null byte', '%00'],
  ['a path', '../../etc/passwd'],
  ['a backslash path', '..%5C..%5Cboot.ini'],
  ['JSON', '%7B%22visits%22%3A1%7D'],
  ['a prototype key', '__proto__'],
  ['a signed-out JSON web token', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.'],
  ['43 characters that look like a token', 'A'.repeat(43)],
  ['64 hexadecimal digits', 'ab12'.repeat(16)],
  ['an empty seal', 'AAAAAAAAAAAAAAAA.Fe26.2********'],
  ['a seal of nonsense', 'AAAAAAAAAAAAAAAA.Fe26.2*1*aa*bb*cc**dd*ee'],
  ['a line break, encoded', 'a%0D%0ASet-Cookie:%20x=y'],
  ['4000 letters', 'x'.repeat(4000)],
  ['12000 letters', 'x'.repeat(12_000)],
] as const

for (const [what, value] of MADE_UP) {
  test(`a cookie that holds ${what} opens nothing and breaks no page`, async ({ server }) => {
    await expectAllRefused(server, [value])
    for (const path of ['/', '/get', '/no-such-page']) {
      const { status, setCookies } = await new HttpVisitor(server, [[SESSION_COOKIE, value]]).send(path)
      expect(status).toBe(path === '/no-such-page' ? 404 : 200)
      expect(setCookies).toEqual([])
    }
  })
}

test('a cookie too big for any server gets a short answer, and the server goes on', async ({ server }) => {
  const { visitor } = await ownerOfSession(server)
  const huge = new HttpVisitor(server, [[SESSION_COOKIE, 'x'.repeat(20_000)]])

  expect((await huge.send('/get')).status).toBe(431)
  expect((await visitor.session()).data).toEqual(save.set)
})

test('the touch cookie is no session cookie', async ({ server }) => {
  const { visitor } = await ownerOfSession(server)

  await expectAllRefused(server, [visitor.cookies.get(TOUCH_COOKIE) ?? ''])
})

test('a touch cookie without its session opens nothing and sets nothing', async ({ server }) => {
  const { visitor } = await ownerOfSession(server)
  visitor.cookies.delete(SESSION_COOKIE)
  await server.advance({ seconds: 120 })

  expect((await visitor.send('/get')).setCookies).toEqual([])
  expect(await visitor.session()).toMatchObject(EMPTY)
})

test('the public id is no token', async ({ server }) => {
  const { visitor } = await ownerOfSession(server)
  const { id } = await visitor.session()

  await expectAllRefused(server, [id ?? '', `${id}.`, `${id}.${id}`])
})

test('a spoilt touch cookie beside a good session does no harm', async ({ server }) => {
  const { visitor } = await ownerOfSession(server)
  for (const touch of ['', 'junk', '....', 'x'.repeat(5000), '%E0%A4%A', '"']) {
    visitor.cookies.set(TOUCH_COOKIE, touch)
    expect((await visitor.peek()).data).toEqual(save.set)
    expect((await visitor.copy().send('/get')).status).toBe(200)
  }
})

test('what is saved over a bad cookie begins a new session under an id of its own', async ({ server }) => {
  const { token } = await ownerOfSession(server)
  const stranger = new HttpVisitor(server, [[SESSION_COOKIE, `${token.slice(0, -1)}~`]])
  const saved = await stranger.patch({ set: { mine: 1 } })

  expect(saved).toMatchObject({ isNew: true, data: { mine: 1 } })
  expect(token.startsWith(saved.id ?? '')).toBe(false)
  expect((await stranger.session()).data).toEqual({ mine: 1 })
})

test('a refusal is reported once, with its reason and without the value', async ({ startAnother }) => {
  const value = 'a-made-up-value-that-must-not-be-logged'
  const server = await startAnother() // the others tell of refusals before, counted, a second later
  await new HttpVisitor(server, [[SESSION_COOKIE, value]]).send('/api/session')

  const events = () => server.logs().filter((line) => line.includes('"refused"'))
  await expect.poll(events).toHaveLength(1)
  expect(JSON.parse(events()[0] ?? '')).toMatchObject({
    event: 'refused',
    reason: expect.stringMatching(/^[a-z-]+$/),
  })
  expect(server.logs().join('\n')).not.toContain(value)
})

test('of two cookies with one name, neither lends its data to the other', async ({ server }) => {
  const { token } = await ownerOfSession(server)
  for (const cookie of [
    `${SESSION_COOKIE}=junk; ${SESSION_COOKIE}=${token}`,
    `${SESSION_COOKIE}=${token}; ${SESSION_COOKIE}=junk`,
  ]) {
    const { status, text } = await new HttpVisitor(server).send('/api/session', { cookie })

    expect(status).toBe(200)
    expect([{}, save.set]).toContainEqual(JSON.parse(text).data)
  }
})
