import { once } from 'node:events'
import { createServer, connect as dial } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openGate } from './gate'

async function echoGate() {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const gate = await openGate({ host: '127.0.0.1', port: (server.address() as { port: number }).port })
  onTestFinished(async () => {
    await gate.close()
    server.close()
  })
  return { gate, straight: server.address() as { port: number } }
}

test('a gate passes everything on, and cuts and refuses when it is stopped', async () => {
  const { gate } = await echoGate()
  const socket = dial(gate)
  socket.write('hello')
  expect(String((await once(socket, 'data'))[0])).toBe('hello')
  const cut = once(socket, 'close')
  await gate.stop()
  await cut
  const [error] = await once(dial(gate), 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  await gate.start()
  const again = dial(gate)
  again.write('back')
  expect(String((await once(again, 'data'))[0])).toBe('back')
})

test('a gate that hangs accepts and says nothing, until it starts again', async () => {
  const { gate, straight } = await echoGate()
  await gate.hang()
  const socket = dial(gate)
  await once(socket, 'connect')
  let heard = ''
  socket.on('data', (data) => {
    heard += data
  })
  socket.write('hello')
  // What takes the same way past the gate is back by now.
  const other = dial({ host: '127.0.0.1', port: straight.port })
  for (let i = 0; i < 20; i++) {
    other.write('ping')
    await once(other, 'data')
  }
  other.destroy()
  expect(heard).toBe('')
  const answer = once(socket, 'data')
  await gate.start()
  await answer
  expect(heard).toBe('hello')
})
