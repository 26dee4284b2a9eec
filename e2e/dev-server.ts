import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { copyApp } from '@/scripts/app-copy.mjs'
import { newSecret } from './server'
import { serverEnvironment } from './server-environment'

/** Starts the app as `npm run dev` does, in a copy: Next refuses a second development server in one folder. */
export async function startDevServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn(
    process.execPath,
    [
      createRequire(import.meta.url).resolve('next/dist/bin/next'),
      'dev',
      '--hostname',
      'localhost',
      '--port',
      '0',
    ],
    {
      cwd: copyApp('development'),
      env: { ...serverEnvironment(process.env, { SESSION_SECRET: newSecret() }), NODE_ENV: 'development' },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true, // a group of its own: the server is a child of the command
    },
  )
  const stop = async () => {
    const closed = child.exitCode === null ? once(child, 'close') : undefined
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await closed
  }
  const lines: string[] = []
  let url: string | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    url = /Local:\s+(http:\/\/localhost:\d+)/.exec(line)?.[1]
    if (url !== undefined) break
  }
  child.stdout.resume() // nobody reads on, and a full pipe would stop the server
  if (url === undefined) throw new Error(`next dev ended before it was ready:\n${lines.join('\n')}`)
  return { url, stop }
}
