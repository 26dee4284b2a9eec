// `create-next-app` turns Cache Components and Partial Prefetching on, so the app must also build and behave the same
// in that mode: this builds a copy of it with both and runs the browser tests against the copy.
// @ts-check
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { BROWSER_VARIABLE, ensureBrowser, thisMachine } from './browser.mjs'
import { countPlaywright } from './count-tests.mjs'

// Inside the repository, so that the copy finds node_modules above it.
const COPY = join('test-results', 'cache-components')
const FILES = [
  'app',
  'lib',
  'proxy.ts',
  'instrumentation.ts',
  'next.config.ts',
  'tsconfig.json',
  'package.json',
]

const require = createRequire(import.meta.url)
const next = require.resolve('next/dist/bin/next')
const playwright = require.resolve('@playwright/test/cli')

makeCopy()
const built = run([next, 'build'], { cwd: COPY, env: { NODE_ENV: 'production' } })
process.exitCode = built && runBrowserTests() ? 0 : 1

function makeCopy() {
  rmSync(COPY, { recursive: true, force: true })
  mkdirSync(COPY, { recursive: true })
  for (const file of FILES) cpSync(file, join(COPY, file), { recursive: true })
  // The app's own configuration stays the base, whatever it holds.
  renameSync(join(COPY, 'next.config.ts'), join(COPY, 'next.config.base.ts'))
  writeFileSync(
    join(COPY, 'next.config.ts'),
    "import base from './next.config.base'\n\nexport default { ...base, cacheComponents: true, partialPrefetching: true }\n",
  )
}

function runBrowserTests() {
  const browser = ensureBrowser(thisMachine())
  if ('problem' in browser) {
    console.error(browser.problem)
    return false
  }
  const report = join('test-results', 'cache-components.json')
  const args = ['test', '--reporter=list,json', `--output=${join('test-results', 'e2e-cache-components')}`]
  const env = { [BROWSER_VARIABLE]: browser.path, E2E_APP_DIR: COPY, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  const exitCode = run([playwright, ...args], { env }) ? 0 : 1
  const totals = countPlaywright(JSON.parse(readFileSync(report, 'utf8')), exitCode)
  return totals.failed === 0
}

/**
 * @param {string[]} command a script for this Node, and its arguments
 * @param {{ cwd?: string, env: Record<string, string> }} options
 */
function run(command, { cwd, env }) {
  const child = spawnSync(process.execPath, command, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return child.status === 0
}
