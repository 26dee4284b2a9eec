import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { compiled } from '../compiled'
import type { WorkerTask } from './store-worker'

const worker = compiled('tests/session/store-worker.ts')

type Environment = Readonly<Record<string, string>>

/** Starts another process on the store of this environment. It is killed when the test ends. */
export function startProcess(env: Environment, task: WorkerTask, limitBlocks?: number): ChildProcess {
  const limit = limitBlocks === undefined ? '' : `ulimit -f ${limitBlocks}; `
  const command = ['-c', `${limit}exec "$0" "$@"`, process.execPath, worker, JSON.stringify(task)]
  const child = spawn('sh', command, {
    env: { ...process.env, SESSION_STORE_TIMEOUT_MS: '10000', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** What the process answers at its end. */
export async function runProcess(
  env: Environment,
  task: WorkerTask,
  limitBlocks?: number,
): Promise<Record<string, unknown>> {
  let last = ''
  for await (const line of linesOf(startProcess(env, task, limitBlocks))) last = line
  return JSON.parse(last)
}

export function linesOf(child: ChildProcess): AsyncIterable<string> {
  if (!child.stdout) throw new Error('the process has no output')
  return createInterface({ input: child.stdout })
}
