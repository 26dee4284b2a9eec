import { notFound, redirect } from 'next/navigation'
import { after } from 'next/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Session } from '@/lib/session/core/session'
import type * as NextSide from '@/lib/session/next'
import { beginUndo, undosOf } from '@/lib/session/response'
import { TEST_SECRET } from '@/lib/session/testing/test-records'
import { serveHandler } from './route-handlers'

// Next's own modules for Route Handlers, cookies and `after`, on a real server. They want this before they load.
vi.hoisted(async () => {
  const { AsyncLocalStorage } = await import('node:async_hooks')
  Object.assign(globalThis, { AsyncLocalStorage })
})
// Every event is a line, at once: what is counted is tested in report.test.ts.
vi.mock(import('@/lib/session/report'), async (original) => ({
  ...(await original()),
  reportEvent: (await import('@/lib/session/on-event')).onEvent,
}))

interface Data {
  n: number
}
type Write = (session: Session<Data>) => Promise<unknown>

const WRITES: Record<string, Write> = {
  save: (session) => session.set('n', 2).save(),
  destroy: (session) => session.destroy(),
  regenerate: (session) => session.set('n', 2).regenerate(),
  touch: (session) => session.touch(),
  setAvoidTouch: (session) => session.setAvoidTouch(true),
}

let handler: (session: Session<Data>) => Promise<Response> | Response
let next: typeof NextSide
let server: Awaited<ReturnType<typeof serveHandler>>
const events: { event: string; [field: string]: unknown }[] = []

beforeAll(async () => {
  server = await serveHandler(async () => handler(await next.getSession<Data>()))
})
afterAll(() => server.close())

beforeEach(() => {
  events.length = 0
  vi.spyOn(console, 'warn').mockImplementation((line) => events.push(JSON.parse(line)))
})

async function useStore(store: string) {
  vi.resetModules()
  vi.stubEnv('SESSION_SECRET', TEST_SECRET)
  vi.stubEnv('SESSION_STORE', store)
  next = await import('@/lib/session/next')
}

class Visitor {
  readonly cookies = new Map<string, string>()

  async ask(
    handle: typeof handler,
    signal: AbortSignal | null = null,
  ): Promise<{ status: number; text: string; setCookies: string[] }> {
    handler = handle
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ')
    const response = await fetch(server.url, { headers: { cookie }, redirect: 'manual', signal })
    const text = await response.text()
    const setCookies = response.headers.getSetCookie()
    for (const [name = '', value = ''] of setCookies.map((line) => line.split(/[=;]/))) {
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return { status: response.status, text, setCookies }
  }

  /** What the next request finds. */
  async found(): Promise<{ n?: number; id: string | null }> {
    const { text } = await this.ask((session) => Response.json({ n: session.get('n'), id: session.id }))
    return JSON.parse(text)
  }
}

async function signedIn(): Promise<Visitor> {
  const visitor = new Visitor()
  await visitor.ask(async (session) => {
    await session.set('n', 1).save()
    return new Response()
  })
  return visitor
}

/** What a write came to: its outcome, or where it was refused. */
function told(write: Promise<unknown>): Promise<string> {
  return write.then(String, (error) => `${error.name} ${error.place}${error.late ? ' late' : ''}`)
}

describe.each(['cookie', 'memory'])('on the %s store', (store) => {
  beforeEach(() => useStore(store))

  test.each(Object.entries(WRITES))(
    '%s from inside a stream is refused, and nothing changes',
    async (name, write) => {
      const visitor = await signedIn()
      const before = await visitor.found()
      for (const wait of [
        async () => {},
        (controller: ReadableStreamDefaultController) => sendFirst(controller),
      ]) {
        const { text, setCookies } = await visitor.ask(
          (session) =>
            new Response(
              new ReadableStream({
                async start(controller) {
                  await wait(controller)
                  controller.enqueue(Buffer.from(await told(write(session))))
                  controller.close()
                },
              }),
            ),
        )
        expect(text).toContain('SessionReadOnlyError response-begun')
        expect(setCookies).toEqual([])
        expect(await visitor.found()).toEqual(before)
        expect(events).toContainEqual(
          expect.objectContaining({ event: 'late-write', operation: name, place: 'response-begun' }),
        )
      }
    },
  )

  test.each(Object.entries(WRITES))(
    '%s in after() is refused with the name of the place',
    async (_name, write) => {
      const visitor = await signedIn()
      const before = await visitor.found()
      const answer = Promise.withResolvers<string>()
      await visitor.ask((session) => {
        after(async () => answer.resolve(await told(write(session))))
        return new Response()
      })
      expect(await answer.promise).toBe('SessionReadOnlyError response-sent')
      expect(await visitor.found()).toEqual(before)
    },
  )

  test.each(Object.entries(WRITES))(
    '%s whose await was forgotten changes nothing and is reported',
    async (name, write) => {
      const visitor = await signedIn()
      const before = await visitor.found()
      events.length = 0
      const { setCookies } = await visitor.ask((session) => {
        void write(session)
        return new Response()
      })
      expect(setCookies).toEqual([])
      expect(await visitor.found()).toEqual(before)
      const at = expect.stringMatching(/late-writes\.test\.ts:\d+/)
      expect(events).toContainEqual({
        source: 'session',
        event: 'late-write',
        operation: name,
        place: expect.stringMatching(/^response-(?:begun|sent)$/),
        at,
      })
      expect(events).toContainEqual({
        source: 'session',
        event: 'unawaited',
        writes: [{ operation: name, at }],
      })
    },
  )

  test('a write that ends in time is stored, and reported all the same when nothing awaited it', async () => {
    const visitor = await signedIn()
    await visitor.ask(async (session) => {
      const saved = session.set('n', 2).save()
      await vi.waitUntil(() => !session.isDirty)
      void saved
      return new Response()
    })
    expect(await visitor.found()).toMatchObject({ n: 2 })
    expect(events.map(({ event }) => event)).toEqual(['unawaited'])
  })

  test('writes that are awaited are reported by nothing, however they are awaited', async () => {
    const visitor = await signedIn()
    await visitor.ask(async (session) => {
      await session.set('n', 2).save()
      await Promise.all([session.touch(), session.save()])
      await session.regenerate().then(() => {})
      return session.save().then(() => new Response())
    })
    expect(await visitor.found()).toMatchObject({ n: 2 })
    expect(events).toEqual([])
  })

  test.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['calls notFound()', () => notFound()],
    ['answers no Response', async () => undefined as unknown as Response],
  ])('a handler that regenerates and then %s leaves the visitor the session', async (_how, leave) => {
    const visitor = await signedIn()
    const before = await visitor.found()
    events.length = 0
    const { status, setCookies } = await visitor.ask(async (session) => {
      await session.set('n', 2).regenerate()
      await session.set('n', 3).save()
      return leave()
    })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(setCookies).toEqual([])
    expect(await visitor.found()).toEqual(before)
    const operations = ['regenerate', 'save']
    expect(events).toEqual([{ source: 'session', event: 'cookies-lost', operations, undone: true }])
  })

  test('a handler that answers an error, or redirects, after it regenerated sends the new token', async () => {
    const visitor = await signedIn()
    const before = await visitor.found()
    for (const leave of [() => new Response(null, { status: 500 }), () => redirect('/')]) {
      const { setCookies } = await visitor.ask(async (session) => {
        await session.set('n', 2).regenerate()
        return leave()
      })
      expect(setCookies.length).toBeGreaterThan(0)
      expect(await visitor.found()).toMatchObject({ n: 2 })
    }
    expect((await visitor.found()).id).not.toBe(before.id)
    expect(events).toEqual([])
  })
})

describe('when the browser goes away before the response', () => {
  /** What `work` came to; it goes away when `work` says so. */
  async function abandon(
    visitor: Visitor,
    work: (session: Session<Data>, leave: () => Promise<void>) => Promise<string>,
  ) {
    const client = new AbortController()
    const outcome = Promise.withResolvers<string>()
    const asked = visitor.ask(async (session) => {
      outcome.resolve(
        await work(session, async () => {
          client.abort()
          await vi.waitUntil(() => server.isClosed())
        }),
      )
      return new Response()
    }, client.signal)
    await expect(asked).rejects.toThrow()
    return outcome.promise
  }

  beforeEach(() => {
    vi.stubEnv('NODE_ENV', 'production')
    return useStore('memory')
  })

  test('a save under its own token is stored', async () => {
    const visitor = await signedIn()
    const outcome = await abandon(visitor, async (session, leave) => {
      await leave()
      return told(session.set('n', 2).save())
    })
    expect(outcome).toBe('saved')
    expect(await visitor.found()).toMatchObject({ n: 2 })
  })

  test('a new token is refused, and the one it has still opens the session', async () => {
    const visitor = await signedIn()
    const before = await visitor.found()
    const outcome = await abandon(visitor, async (session, leave) => {
      await leave()
      return told(session.set('n', 2).regenerate())
    })
    expect(outcome).toBe('SessionReadOnlyError client-gone late')
    expect(await visitor.found()).toEqual(before)
  })

  test('a new token that was made just before is taken back, so that a second click can sign in', async () => {
    const visitor = await signedIn()
    const before = await visitor.found()
    await abandon(visitor, async (session, leave) => {
      const outcome = await told(session.set('n', 2).regenerate())
      await leave()
      return outcome
    })
    expect(await visitor.found()).toEqual(before)
    await visitor.ask(async (session) => Response.json(await session.set('n', 3).regenerate()))
    expect(await visitor.found()).toMatchObject({ n: 3 })
  })
})

test('a session that was ended while its handler threw is not put back', async () => {
  await useStore('memory')
  const visitor = await signedIn()
  await visitor.ask(async (session) => {
    await session.regenerate()
    await next.destroyAllSessions()
    throw new Error('no')
  })
  expect(await visitor.found()).toEqual({ id: null })

  const other = await signedIn()
  await other.ask(async (session) => {
    await session.regenerate()
    await session.destroy()
    throw new Error('no')
  })
  expect(await other.found()).toEqual({ id: null })
})

test('while a write is taken back only requests with its very token wait', async () => {
  const undone = Promise.withResolvers<void>()
  beginUndo(['s', ''], undone.promise)
  await undosOf(['sess', 'another token', 's2'])
  const waiting = vi.fn()
  const waited = undosOf(['another token', 's']).then(waiting)
  await undosOf([])
  expect(waiting).not.toHaveBeenCalled()
  undone.resolve()
  await waited
})

/** The first piece of the body, and with it the headers. */
async function sendFirst(controller: ReadableStreamDefaultController): Promise<void> {
  controller.enqueue(Buffer.from('first '))
  await vi.waitUntil(() => server.hasSentHeaders())
}
