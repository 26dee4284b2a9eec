import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { sharedConnection } from '@/lib/session/stores/connections'

test('callers at the same time get one connection; after its close, another one', async () => {
  const key = randomUUID()
  const connect = vi.fn(() => ({ client: {}, close() {} }))
  const [one, two] = await Promise.all([sharedConnection(key, connect), sharedConnection(key, connect)])
  expect(two).toBe(one)
  await one.close()
  expect((await sharedConnection(key, connect)).client).not.toBe(one.client)
  expect(connect).toHaveBeenCalledTimes(2)
})

test('a connection that could not be made is tried again by the next call', async () => {
  const key = randomUUID()
  const connect = vi.fn(async () => ({ client: 'open', close() {} }))
  connect.mockRejectedValueOnce(new Error('locked'))
  await expect(sharedConnection(key, connect)).rejects.toThrow('locked')
  expect((await sharedConnection(key, connect)).client).toBe('open')
})

test('a connection is closed once, however often that is asked for', async () => {
  const close = vi.fn()
  const connection = await sharedConnection(randomUUID(), () => ({ client: {}, close }))
  await Promise.all([connection.close(), connection.close()])
  expect(close).toHaveBeenCalledOnce()
})
