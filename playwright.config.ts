import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from '@playwright/test'
import type { WorkerFixtures } from './e2e/fixtures'
import { BROWSER_VARIABLE, browserArgs } from './scripts/browser.mjs'
import { specsOf } from './scripts/specs.mjs'
import { chosenStores } from './scripts/stores.mjs'

// `npm test` has found a browser; run by hand without it, Playwright looks for its own.
const executablePath = process.env[BROWSER_VARIABLE]

export default defineConfig<object, WorkerFixtures>({
  testDir: 'e2e',
  globalSetup: fileURLToPath(new URL('./e2e/data-folder.ts', import.meta.url)),
  outputDir: 'test-results/e2e',
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  forbidOnly: process.env.CI !== undefined,
  // A test that passes at the second try has shown a fault, not a success.
  retries: 0,
  // How long a page may take is for benchmarks; here a slow machine must not look like a fault.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // The tests of one file share a server, so files run side by side and the tests of a file one after another.
  // One more than there are processors: a test also waits.
  workers: availableParallelism() + 1,
  // A project for each store: `--project redis`, or SESSION_STORE=redis in the shell, is one of them.
  projects: chosenStores(process.env).map((store) => ({
    name: store,
    ...specsOf(store, process.env),
    use: { store },
  })),
  use: {
    browserName: 'chromium',
    headless: true,
    // A control that never comes fails here, with its name, long before the test's own limit.
    actionTimeout: 15_000,
    trace: { mode: 'retain-on-failure', screenshots: false }, // a film of each page would cost a fifth of the time
    launchOptions: {
      args: browserArgs(process.getuid?.() === 0),
      ...(executablePath ? { executablePath } : {}),
    },
  },
})
