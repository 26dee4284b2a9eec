import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { ask } from '@/app/(course)/what-an-attacker-tries/ask'

async function listen(listener: Parameters<typeof createServer>[1]) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

test('a server that fails is told as that', async () => {
  const { url, close } = await listen((_, response) => response.writeHead(500).end())
  expect(await ask(url, 'sess=x', new AbortController().signal)).toBe('error')
  await close()
})

test('a server that has not answered in time is told apart from one that cannot be reached', async () => {
  const waiting = Promise.withResolvers<void>()
  const { url, close } = await listen(() => waiting.resolve()) // as while it compiles the route
  const limit = new AbortController()
  const answer = ask(url, 'sess=x', limit.signal)
  await waiting.promise
  limit.abort(new DOMException('The operation timed out.', 'TimeoutError'))
  expect(await answer).toBe('slow')

  await close()
  expect(await ask(url, 'sess=x', new AbortController().signal)).toBe('none')
})
