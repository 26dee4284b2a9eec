// `create-next-app` turns Cache Components and Partial Prefetching on, so the app must also build and behave the same
// in that mode: this builds a copy of it with both and runs the browser tests against the copy, on the cookie store;
// SESSION_STORE=redis is for another. The last line is the true total.
// @ts-check
import { spawnSync } from 'node:child_process'
import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { copyApp } from './app-copy.mjs'
import { BROWSER_VARIABLE, ensureBrowser, thisMachine } from './browser.mjs'
import { sum } from './count-tests.mjs'
import { conclude, notRun, outcomeOfPlaywright } from './outcome.mjs'
import { startServers } from './servers.mjs'
import { chosenStores, serversOf } from './stores.mjs'

/** @typedef {import('./stores.mjs').Store} Store */

const require = createRequire(import.meta.url)
const next = require.resolve('next/dist/bin/next')
const playwright = require.resolve('@playwright/test/cli')

/** @type {readonly Store[]} */
const stores = process.env.SESSION_STORE ? chosenStores(process.env) : ['cookie']

const COPY = copyApp('cache-components')
// The app's own configuration stays the base, whatever it holds.
renameSync(join(COPY, 'next.config.ts'), join(COPY, 'next.config.base.ts'))
writeFileSync(
  join(COPY, 'next.config.ts'),
  "import base from './next.config.base'\n\nexport default { ...base, cacheComponents: true, partialPrefetching: true }\n",
)
// Routes that do what an app should not: tests need them in a build, and no app gets them.
cpSync('e2e/routes', join(COPY, 'app'), { recursive: true })
const built = run([next, 'build'], { cwd: COPY, env: { NODE_ENV: 'production' } })
const outcomes = built ? await runBrowserTests() : [notRun('next build')]
const failures = outcomes.flatMap((outcome) => outcome.failures)
for (const failure of failures) console.log(`✗ ${failure}`)
conclude({ ...sum(outcomes), failures })

async function runBrowserTests() {
  const browser = ensureBrowser(thisMachine())
  if ('problem' in browser) return [notRun(browser.problem)]
  const servers = await startServers(serversOf(stores))
  if (servers.problem !== undefined) console.error(servers.problem)
  try {
    const env = { ...servers.variables, [BROWSER_VARIABLE]: browser.path }
    return stores.map((store) => outcomeOn(store, env))
  } finally {
    await servers.stop()
  }
}

/**
 * @param {Store} store
 * @param {Record<string, string>} variables
 */
function outcomeOn(store, variables) {
  console.log(`\n── ${store} ──`)
  const report = join('test-results', `cache-components-${store}.json`)
  const output = join('test-results', 'e2e-cache-components', store)
  const args = ['test', '--project', store, '--reporter=list,json', `--output=${output}`]
  const env = { ...variables, E2E_APP_DIR: COPY, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  rmSync(report, { force: true })
  const exitCode = run([playwright, ...args], { env }) ? 0 : 1
  return outcomeOfPlaywright(report, exitCode)
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
