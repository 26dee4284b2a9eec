import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'

// With routes of `routes/`, which are in the copy of `npm run check:cache-components` alone.

for (const SESSION_STORE of ['cookie', 'memory']) {
  test(`on the ${SESSION_STORE} store no write of a stream, and none that nothing awaits, says or leaves anything`, async ({
    startAnother,
  }) => {
    const server = await startAnother({ SESSION_STORE })
    const visitor = new HttpVisitor(server)
    await visitor.send('/api/late', { method: 'POST' })
    const before = (await visitor.send('/api/late')).text
    for (const write of ['save', 'destroy', 'regenerate', 'touch']) {
      for (const how of ['stream', 'forgotten']) {
        const { text, setCookies } = await visitor.send(`/api/late?write=${write}&how=${how}`, {
          method: 'POST',
        })
        if (how === 'stream') expect(text).toBe('SessionReadOnlyError response-begun')
        expect(setCookies).toEqual([])
        expect((await visitor.send('/api/late')).text).toBe(before)
      }
    }
    for (const write of ['save', 'destroy', 'regenerate', 'touch']) {
      expect(server.logs().join('\n')).toContain(`"event":"late-write","operation":"${write}"`)
    }
  })

  test(`on the ${SESSION_STORE} store a handler that throws after regenerate leaves the visitor the session`, async ({
    startAnother,
  }) => {
    const server = await startAnother({ SESSION_STORE }, { errors: /thrown after a write/ })
    const visitor = new HttpVisitor(server)
    await visitor.send('/api/late', { method: 'POST' })
    const before = (await visitor.send('/api/late')).text
    for (let n = 0; n < 5; n++) {
      const { status } = await visitor.send('/api/late?write=regenerate&how=throw', { method: 'POST' })
      expect(status).toBe(500)
      expect((await visitor.send('/api/late')).text).toBe(before)
    }
  })
}
