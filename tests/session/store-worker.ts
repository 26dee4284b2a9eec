// A second process on a store, as a second server of the app would be: the store is opened by the environment. What it
// is asked to do comes as JSON in the first argument; see `processes.ts`.
import { setTimeout as pause } from 'node:timers/promises'
import type { SessionRecord } from '@/lib/session/core/store'
import { encodeValue } from '@/lib/session/core/values'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestSite } from '@/lib/session/testing/test-site'
import { openStoreByEnvironment } from './backends'

export interface WorkerTask {
  readonly job: 'count' | 'write' | 'create' | 'save' | 'sweep'
  readonly token?: string
  readonly nowMs: number
  readonly umask?: number
  /** Whoever may do everything (root) becomes nobody, so that permissions bind. */
  readonly dropRights?: boolean
}

const FILLER = 'x'.repeat(300_000)

const task: WorkerTask = JSON.parse(process.argv[2] ?? '')
const store = await openStoreByEnvironment(process.env, () => task.nowMs)

const jobs: Record<WorkerTask['job'], () => Promise<unknown>> = {
  /** Four at once, each adds 1 to `n` 25 times. */
  async count() {
    const browser = new TestBrowser()
    browser.cookies.set('sess', task.token ?? '')
    const site = createTestSite({
      store: () => store,
      clock: { now: () => task.nowMs, advance: () => {} },
      pause: async (ms) => void (await pause(ms)),
    })
    const add25 = async () => {
      for (let i = 0; i < 25; i++)
        await (await site.open(browser)).update('n', (n) => (n as number) + 1).save()
    }
    await Promise.all([add25(), add25(), add25(), add25()])
  },

  /** Saves large records without end and says how many, until it is killed. */
  async write() {
    for (let n = 1; ; n++) {
      await saveOver(n, FILLER)
      process.stdout.write(`${n}\n`)
    }
  },

  create: async () => (await store.create(recordOf(0, ''), task.nowMs + 3_600_000)).token,
  save: () => saveOver(-1, FILLER),
  sweep: async () => store.sweep?.(task.nowMs, 1000),
}

async function saveOver(n: number, filler: string): Promise<void> {
  const token = task.token ?? ''
  const loaded = await store.load(token)
  if ('refused' in loaded) throw new Error(`refused: ${loaded.refused}`)
  const result = await store.update(token, recordOf(n, filler), task.nowMs + 3_600_000, loaded.version)
  if (typeof result === 'string') throw new Error(result)
}

function recordOf(n: number, filler: string): SessionRecord {
  const data = new Map(
    Object.entries({ before: n, filler, after: n }).map(([k, v]) => [k, encodeValue(k, v)]),
  )
  return { createdAt: task.nowMs, savedAt: task.nowMs, avoidTouch: false, data }
}

// Without a handler the signal ends the process before `write` can answer that the limit is reached.
process.on('SIGXFSZ', () => {})
if (task.umask !== undefined) process.umask(task.umask)
if (task.dropRights && process.getuid?.() === 0) {
  process.setgid?.(65_534)
  process.setuid?.(65_534)
}
try {
  process.stdout.write(`${JSON.stringify({ result: await jobs[task.job]() })}\n`)
} catch (error) {
  const { name, message, cause } = error as Error
  process.stdout.write(`${JSON.stringify({ name, message, code: (cause as NodeJS.ErrnoException)?.code })}\n`)
}
await store.close()
