import { SESSION_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { ADMIN_TOKEN } from './server'

/** What every store on the server can do and the cookie store cannot. */
export function describeServerStore(): void {
  test('the admin token ends everyone’s sessions, and those of no other app on the same server', async ({
    server: otherApp,
    startAnother,
  }) => {
    const app = await startAnother({ SESSION_ADMIN_TOKEN: ADMIN_TOKEN })
    const [one, other, stranger] = [new HttpVisitor(app), new HttpVisitor(app), new HttpVisitor(otherApp)]
    for (const visitor of [one, other, stranger]) await visitor.patch({ set: { a: 1 } })
    const operator = new HttpVisitor(app)
    const { status, setCookies } = await operator.send('/api/session?scope=all', {
      method: 'DELETE',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    })

    expect(status).toBe(204)
    expect(setCookies).toEqual([])
    for (const visitor of [one, other]) {
      const token = visitor.cookies.get(SESSION_COOKIE)
      expect(await visitor.session()).toMatchObject({ id: null, data: {} })
      expect((await visitor.patch({ set: { b: 2 } })).data).toEqual({ b: 2 })
      expect(visitor.cookies.get(SESSION_COOKIE)).not.toBe(token)
    }
    expect((await stranger.session()).data).toEqual({ a: 1 })
  })
}

/** For a store without a limit of its own that a session would meet. */
export function describeLargeSessions(): void {
  test('a session of a megabyte is kept; a larger one is refused with its size, and the stored one stays', async ({
    server,
    startAnother,
  }) => {
    const visitor = new HttpVisitor(server)
    const large = 'x'.repeat(1_000_000)
    await visitor.patch({ set: { large } })
    await visitor.patch({ set: { small: 1 } })
    const more = { method: 'PATCH', body: { set: { more: 'y'.repeat(200_000) } } }
    const { status, text, setCookies } = await visitor.send('/api/session', more)

    expect(status).toBe(413)
    expect(JSON.parse(text)).toMatchObject({
      limitBytes: 1_048_576,
      heaviestKeys: [{ key: 'large' }, {}, {}],
    })
    expect(setCookies).toEqual([])
    expect((await visitor.session()).data).toEqual({ large, small: 1 })

    const roomy = new HttpVisitor(await startAnother({ SESSION_MAX_BYTES: '3000000' }))
    await roomy.patch({ set: { larger: 'z'.repeat(2_000_000) } })
    expect((await roomy.session()).data).toEqual({ larger: 'z'.repeat(2_000_000) })
  })
}
