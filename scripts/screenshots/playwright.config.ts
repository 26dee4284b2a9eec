import { defineConfig } from '@playwright/test'
import everyStore from '../../playwright.config'

const { projects: _, ...tests } = everyStore

/** `npm run screenshots`: takes the pictures in docs/screenshots from the built app. */
export default defineConfig({
  ...tests,
  testDir: '.',
  testMatch: 'take.ts',
  outputDir: '../../test-results/screenshots',
  reporter: 'list',
})
