import { randomBytes } from 'node:crypto'
import { defineConfig } from '@playwright/test'
import { BROWSER_VARIABLE, browserArgs } from './scripts/browser.mjs'

// `npm test` has found a browser; run by hand without it, Playwright looks for its own.
const executablePath = process.env[BROWSER_VARIABLE]

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  reporter: 'list',
  forbidOnly: process.env.CI !== undefined,
  use: {
    browserName: 'chromium',
    launchOptions: {
      args: browserArgs(process.getuid?.() === 0),
      ...(executablePath ? { executablePath } : {}),
    },
  },
  // The production server, on a port that the system picks; it says which, and the tests read it as APP_URL.
  webServer: {
    command: 'next start --hostname localhost --port 0',
    env: { SESSION_SECRET: randomBytes(32).toString('base64url') },
    wait: { stdout: /Local:\s+(?<app_url>http:\S+)/ },
  },
})
