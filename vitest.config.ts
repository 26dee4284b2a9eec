import { availableParallelism } from 'node:os'
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
    // A test that sets a variable or a spy cannot change the outcome of another.
    unstubEnvs: true,
    unstubGlobals: true,
    restoreMocks: true,
    // A limit for what hangs, and no measure of speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Much of the time goes by waiting for servers and child processes: one more than there are processors.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        extends: true,
        test: { name: 'sess', include: ['tests/**/*.test.ts'], exclude: ['tests/create-sess-app/**'] },
      },
      {
        extends: true,
        test: {
          name: 'create-sess-app',
          include: ['tests/create-sess-app/**/*.test.ts'],
          globalSetup: 'tests/create-sess-app/pack.ts',
        },
      },
    ],
  },
})
