import { randomBytes } from 'node:crypto'
import { defineConfig } from '@playwright/test'
import { BROWSER_VARIABLE, browserArgs } from './scripts/browser.mjs'

// `npm test` finds a browser and names it here. Without the variable, Playwright uses its own.
const executablePath = process.env[BROWSER_VARIABLE]

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  reporter: 'list',
  forbidOnly: process.env.CI !== undefined,
  // A slow machine must not fail a test.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    browserName: 'chromium',
    launchOptions: {
      args: browserArgs(process.getuid?.() === 0),
      ...(executablePath ? { executablePath } : {}),
    },
  },
  // The production server. The system picks a free port, and the tests read the address from APP_URL.
  webServer: {
    command: 'next start --hostname localhost --port 0',
    env: { SESSION_SECRET: randomBytes(32).toString('base64url') },
    wait: { stdout: /Local:\s+(?<app_url>http:\S+)/ },
  },
})
