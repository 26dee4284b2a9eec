/** What a store works on (a client, a pool, a Map), and how it is closed. */
export interface Connection<T> {
  readonly client: T
  readonly close: () => unknown // what it returns is awaited
}

/**
 * One connection for each `key` and process. It is closed by its `close`, or when the process exits. The proxy, pages and
 * routes of one process each have their own instance of this module, so the connections are kept under a global symbol.
 * The store itself is not shared: its errors would be of another instance's classes, and not `instanceof` those that the
 * app imports.
 */
export async function sharedConnection<T>(
  key: string,
  connect: () => Connection<T> | Promise<Connection<T>>,
): Promise<Connection<T>> {
  const registry = globals[REGISTRY] ?? newRegistry()
  const connecting = registry.connecting.get(key) ?? connectOnce()
  return connecting as Promise<Connection<T>>

  function connectOnce() {
    const connected = Promise.resolve(connect()).then(({ client, close }) => {
      let closing: Promise<unknown> | undefined
      const connection = {
        client,
        async close() {
          registry.connecting.delete(key)
          registry.open.delete(connection)
          closing ??= Promise.resolve(close())
          await closing
        },
      }
      registry.open.add(connection)
      return connection
    })
    registry.connecting.set(key, connected)
    connected.catch(() => registry.connecting.delete(key)) // the next call tries again
    return connected
  }
}

interface Registry {
  readonly connecting: Map<string, Promise<Connection<unknown>>>
  readonly open: Set<Connection<unknown>>
}

const REGISTRY = Symbol.for('sess.connections')
const globals = globalThis as { [REGISTRY]?: Registry }

function newRegistry(): Registry {
  const registry: Registry = { connecting: new Map(), open: new Set() }
  globals[REGISTRY] = registry
  process.once('exit', () => {
    for (const connection of registry.open) void connection.close()
  })
  return registry
}
