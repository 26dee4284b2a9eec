import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const fromRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@\//, replacement: fromRoot('./') },
      // The package throws wherever React's server build is not in use, and so in every test.
      { find: /^server-only$/, replacement: fromRoot('./node_modules/server-only/empty.js') },
    ],
  },
  test: {
    include: ['tests/**/*.test.ts'],
    // A test that sets a variable or a spy cannot change the outcome of another.
    unstubEnvs: true,
    unstubGlobals: true,
    restoreMocks: true,
  },
})
