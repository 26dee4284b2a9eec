import { notFound } from 'next/navigation'
import { after } from 'next/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SessionReadOnlyError } from '@/lib/session/errors'
import { getSession } from '@/lib/session/next'
import { serveHandler } from './route-handlers'
vi.hoisted(async () => {
  const { AsyncLocalStorage } = await import('node:async_hooks')
  Object.assign(globalThis, { AsyncLocalStorage })
  process.env.SESSION_SECRET = 'kQ8vZr2nXw5tYb7cLd9fGh3jMp6sRu4e'
  process.env.SESSION_STORE = 'memory'
})

type Data = { n: number }
test('x', async () => {
  const { url, close } = await serveHandler(async () => {
    const session = await getSession<Data>()
    await session.set('n', 1).save()
    return new Response('x')
  })
  const r = await fetch(url)
  console.log(r.status, r.headers, await r.text())
  await close()
})
