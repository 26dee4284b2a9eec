// A site on a database, for `database-store.test.ts` and, started as a process, for what only a second one can show.
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readConfig } from '@/lib/session/config'
import { SessionConflictError } from '@/lib/session/errors'
import { createKeyring } from '@/lib/session/keys'
import { openStore } from '@/lib/session/open-store'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestSite, TEST_SECRET, type TestSite } from '@/lib/session/testing/test-site'

/** What the test asks for, as JSON in the first argument. */
export interface WorkerTask {
  readonly job: 'count' | 'write'
  readonly url: string
  readonly token: string
}

export async function openSite(url: string): Promise<TestSite> {
  const config = readConfig({
    SESSION_SECRET: TEST_SECRET,
    SESSION_STORE: 'database',
    SESSION_STORE_TIMEOUT_MS: '10000',
    DATABASE_URL: url,
  })
  const keyring = createKeyring([TEST_SECRET], 'sess')
  const store = await openStore({ config, keyring, now: Date.now })
  return createTestSite({
    store: () => store,
    clock: { now: Date.now, advance: () => {} },
    pause: async (ms) => void (await pause(ms)),
  })
}

/** Adds 1 to `n`. A busy machine can use up a save's attempts; then nothing was stored, and it may be asked again. */
export async function addOne(site: TestSite, browser: TestBrowser): Promise<void> {
  try {
    await (await site.open(browser)).update('n', (n) => (n as number) + 1).save()
  } catch (error) {
    if (!(error instanceof SessionConflictError)) throw error
    await addOne(site, browser)
  }
}

const jobs: Record<WorkerTask['job'], (site: TestSite, browser: TestBrowser) => Promise<void>> = {
  /** Four at once, each adds 1 to `n` 25 times. */
  async count(site, browser) {
    const add25 = async () => {
      for (let i = 0; i < 25; i++) await addOne(site, browser)
    }
    await Promise.all([add25(), add25(), add25(), add25()])
  },

  /** Saves large records without end and says how many, until it is killed. */
  async write(site, browser) {
    for (let n = 1; ; n++) {
      const session = await site.open(browser)
      session.set('before', n)
      session.set('filler', 'x'.repeat(300_000))
      session.set('after', n)
      await session.save()
      process.stdout.write(`${n}\n`)
    }
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { job, url, token }: WorkerTask = JSON.parse(process.argv[2] ?? '')
  const site = await openSite(url)
  const browser = new TestBrowser()
  browser.cookies.set('sess', token)
  await jobs[job](site, browser)
  await site.store.close?.()
}
