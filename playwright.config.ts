import { defineConfig } from '@playwright/test'
import { BROWSER_VARIABLE, browserArgs } from './scripts/browser.mjs'

// `npm test` has found a browser; run by hand without it, Playwright looks for its own.
const executablePath = process.env[BROWSER_VARIABLE]

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  forbidOnly: process.env.CI !== undefined,
  // A test that passes at the second try has shown a fault, not a success.
  retries: 0,
  // The tests of one file share a server, so files run side by side and the tests of a file one after another.
  workers: 2,
  use: {
    browserName: 'chromium',
    headless: true,
    // A control that never comes fails here, with its name, long before the test's own limit.
    actionTimeout: 10_000,
    trace: 'retain-on-failure',
    launchOptions: {
      args: browserArgs(process.getuid?.() === 0),
      ...(executablePath ? { executablePath } : {}),
    },
  },
})
