import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import type { Store } from '@/scripts/stores.mjs'
import { type Environment, serverEnvironment } from './server-environment'

const START_LIMIT_MS = 30_000

export interface Server {
  /** With the name localhost: Chromium treats it as secure, so Secure and `__Host-` cookies work over plain http. */
  readonly url: string
  /** The secret it was started with, for a test that starts another server on the same sessions. */
  readonly secret: string
  /** Every line it has printed so far, to stdout and stderr. */
  logs(): string[]
  /** Moves its clock forward: milliseconds, or `{ seconds }`. It never moves back. */
  advance(by: number | { seconds: number }): Promise<void>
  stop(): Promise<void>
}

/** The server gave up before it could serve, as it does for a configuration it refuses. */
export class ServerStartError extends Error {
  readonly exitCode: number | null
  readonly output: string[]

  constructor(exitCode: number | null, output: string[]) {
    super(`next start ended with ${exitCode} before it was ready:\n${output.join('\n')}`)
    this.exitCode = exitCode
    this.output = output
  }
}

/** Starts the built app, as production would, on a port of its own. */
export async function startServer(env: Environment = {}, store?: Store): Promise<Server> {
  const environment = serverEnvironment(process.env, { SESSION_SECRET: newSecret(), ...env }, store)
  const child = fork(
    createRequire(import.meta.url).resolve('next/dist/bin/next'),
    // Port 0: the system picks a free one, and nobody can take it in between.
    ['start', '--hostname', 'localhost', '--port', '0'],
    {
      // Another build of the app can be named, to run the same tests against it.
      cwd: process.env.E2E_APP_DIR ?? process.cwd(),
      env: environment,
      execArgv: ['--import', new URL('./clock.mjs', import.meta.url).href],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  const lines: string[] = []
  const stop = () => end(child)
  try {
    const url = await ready(child, lines)
    return {
      url,
      secret: environment.SESSION_SECRET ?? '',
      logs: () => [...lines],
      advance: (by) => advance(child, typeof by === 'number' ? by : by.seconds * 1000),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A SESSION_ADMIN_TOKEN that a production build accepts. */
export const ADMIN_TOKEN = 'x7Rk2vQm9LtZ4bWn8YcJ5hGd3PfS6uTa'

export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Waits until the server says where it listens and answers there. */
async function ready(child: ChildProcess, lines: string[]): Promise<string> {
  const listening = Promise.withResolvers<string>()
  const ended = Promise.withResolvers<never>()
  const limit = setTimeout(() => {
    ended.reject(new Error(`next start was not ready after ${START_LIMIT_MS} ms:\n${lines.join('\n')}`))
  }, START_LIMIT_MS)

  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      const local = /Local:\s+(http:\/\/localhost:\d+)/.exec(line)?.[1]
      if (local !== undefined) listening.resolve(local)
    })
  }
  // 'close' comes after 'exit', once the last line has been read.
  child.once('close', (code) => ended.reject(new ServerStartError(code, lines)))

  try {
    const url = await Promise.race([listening.promise, ended.promise])
    // It listens before the app is loaded, and holds the first request until then.
    await Promise.race([answers(url), ended.promise])
    return url
  } finally {
    clearTimeout(limit)
    ended.promise.catch(() => {}) // a server that ends later, as asked, is no error
  }
}

/** Resolves at the first answer, whatever it says. The path is no page, so no session is touched. */
async function answers(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/_next/ready`)
      return
    } catch {
      // Refused while it starts: ask again.
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function advance(child: ChildProcess, advanceMs: number): Promise<void> {
  const acknowledged = once(child, 'message')
  child.send({ advanceMs })
  await acknowledged
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  // Next waits for open connections before it leaves, and a browser keeps some: there is nothing to wait for.
  child.kill('SIGKILL')
  await exited
}
