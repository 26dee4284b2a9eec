import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { newPostgresDatabase } from '../servers'
import { addOne, openSite, type WorkerTask } from './database-store-worker'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function newSqlite(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sess-database-'))
  closers.push(() => rm(directory, { recursive: true }))
  return `file:${directory}/sessions.db`
}

async function newPostgres(): Promise<string> {
  const { url, drop } = await newPostgresDatabase()
  closers.push(drop)
  return url
}

/** A session with these data, and the token that other processes open it with. */
async function newSession(url: string, data: Record<string, unknown>) {
  const site = await openSite(url)
  closers.push(() => site.store.close?.())
  const browser = new TestBrowser()
  const session = await site.open(browser)
  for (const [key, value] of Object.entries(data)) session.set(key, value)
  await session.save()
  return { site, browser, token: browser.cookies.get('sess') ?? '' }
}

function start(task: WorkerTask) {
  const worker = 'tests/session/database-store-worker.ts'
  return spawn(process.execPath, ['--import', 'tsx', worker, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

describe.each([
  ['SQLite', newSqlite],
  ['PostgreSQL', newPostgres],
])('sessions in %s', (_name, newDatabase) => {
  test('count fifty parallel updates to fifty', async () => {
    const { site, browser } = await newSession(await newDatabase(), { n: 0 })
    await Promise.all(Array.from({ length: 50 }, () => addOne(site, browser)))
    expect((await site.open(browser)).get('n')).toBe(50)
  })

  test('count to 200 when eight workers in two processes each add 25', async () => {
    const url = await newDatabase()
    const { site, browser, token } = await newSession(url, { n: 0 })
    const children = [1, 2].map(() => start({ job: 'count', url, token }))
    expect(await Promise.all(children.map((child) => once(child, 'close')))).toEqual([
      [0, null],
      [0, null],
    ])
    expect((await site.open(browser)).get('n')).toBe(200)
  })

  test('are whole, old or new, when a process is killed while it writes', async () => {
    const url = await newDatabase()
    const { site, browser, token } = await newSession(url, { before: 0, filler: '', after: 0 })
    for (const saves of [1, 4, 9]) {
      const child = start({ job: 'write', url, token })
      let said = 0
      for await (const line of createInterface({ input: child.stdout })) {
        said = Number(line)
        if (said === saves) child.kill('SIGKILL')
      }
      const session = await site.open(browser)
      const after = session.get('after')
      expect(session.get('before')).toBe(after)
      expect([said, said + 1]).toContain(after)
      session.set('after', after)
      expect(await session.save()).toBe('saved')
    }
  })
})
