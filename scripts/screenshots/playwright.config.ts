import { defineConfig } from '@playwright/test'
import tests from '../../playwright.config'

/** `npm run screenshots`: takes the pictures in docs/screenshots from the built app. */
export default defineConfig({
  ...tests,
  testDir: '.',
  testMatch: 'take.ts',
  outputDir: '../../test-results/screenshots',
  reporter: 'list',
})
