import { once } from 'node:events'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'

/**
 * A relay in front of a real server. What a test does to it, a client sees as a server that stops, hangs or comes back,
 * whether the server itself is a process, a container or a machine elsewhere.
 */
export interface Gate {
  readonly host: string
  readonly port: number
  /** Connections are cut and refused, as of a server that was stopped. */
  stop(): Promise<void>
  /** Connections are accepted and kept, and nothing passes: a server that never answers. */
  hang(): Promise<void>
  /** All is well again, for new connections and for those that hung. */
  start(): Promise<void>
  close(): Promise<void>
}

export async function openGate(target: { host: string; port: number }): Promise<Gate> {
  const host = '127.0.0.1'
  const sockets = new Set<Socket>()
  let isHanging = false
  let server = await listen(0)
  const { port } = server.address() as { port: number }

  async function listen(onPort: number): Promise<Server> {
    const listening = createServer(relay).listen(onPort, host)
    await once(listening, 'listening')
    return listening
  }

  function relay(near: Socket): void {
    const far = dial(target)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {}) // told to the other side by 'close'
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
    if (isHanging) hold(near, far)
  }

  function hold(...held: Socket[]): void {
    for (const socket of held) socket.pause()
  }

  async function stop(): Promise<void> {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  return {
    host,
    port,
    stop,
    async hang() {
      isHanging = true
      hold(...sockets)
    },
    async start() {
      isHanging = false
      for (const socket of sockets) socket.resume()
      if (!server.listening) server = await listen(port)
    },
    close: stop,
  }
}
