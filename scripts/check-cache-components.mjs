// `create-next-app` turns Cache Components and Partial Prefetching on, so the app must also build and behave the same
// in that mode: this builds a copy of it with both and runs the browser tests against the copy, on the cookie store;
// SESSION_STORE=redis is for another.
// @ts-check
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { BROWSER_VARIABLE, ensureBrowser, thisMachine } from './browser.mjs'
import { countPlaywright } from './count-tests.mjs'
import { startServers } from './servers.mjs'
import { chosenStores, serversOf } from './stores.mjs'

/** @typedef {import('./stores.mjs').Store} Store */

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
  'scripts/source-loader.mjs',
]

const require = createRequire(import.meta.url)
const next = require.resolve('next/dist/bin/next')
const playwright = require.resolve('@playwright/test/cli')

/** @type {readonly Store[]} */
const stores = process.env.SESSION_STORE ? chosenStores(process.env) : ['cookie']

makeCopy()
const built = run([next, 'build'], { cwd: COPY, env: { NODE_ENV: 'production' } })
process.exitCode = built && (await runBrowserTests()) ? 0 : 1

function makeCopy() {
  rmSync(COPY, { recursive: true, force: true })
  mkdirSync(COPY, { recursive: true })
  for (const file of FILES) cpSync(file, join(COPY, file), { recursive: true })
  symlinkSync('../../node_modules', join(COPY, 'node_modules'), 'junction') // fonts are named by their path in it
  // The app's own configuration stays the base, whatever it holds.
  renameSync(join(COPY, 'next.config.ts'), join(COPY, 'next.config.base.ts'))
  writeFileSync(
    join(COPY, 'next.config.ts'),
    "import base from './next.config.base'\n\nexport default { ...base, cacheComponents: true, partialPrefetching: true }\n",
  )
}

async function runBrowserTests() {
  const browser = ensureBrowser(thisMachine())
  if ('problem' in browser) {
    console.error(browser.problem)
    return false
  }
  const servers = await startServers(serversOf(stores))
  if (servers.problem !== undefined) console.error(servers.problem)
  try {
    const env = { ...servers.variables, [BROWSER_VARIABLE]: browser.path }
    return stores.map((store) => passesOn(store, env)).every((passed) => passed)
  } finally {
    await servers.stop()
  }
}

/**
 * @param {Store} store
 * @param {Record<string, string>} variables
 */
function passesOn(store, variables) {
  console.log(`\n── ${store} ──`)
  const report = join('test-results', `cache-components-${store}.json`)
  const output = join('test-results', 'e2e-cache-components', store)
  const args = ['test', '--project', store, '--reporter=list,json', `--output=${output}`]
  const env = { ...variables, E2E_APP_DIR: COPY, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  rmSync(report, { force: true })
  const exitCode = run([playwright, ...args], { env }) ? 0 : 1
  const totals = countPlaywright(
    existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined,
    exitCode,
  )
  console.log(`browser tests, ${store}: ${totals.passed} passed, ${totals.failed} failed`)
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
