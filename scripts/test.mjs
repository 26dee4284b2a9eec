// `npm test`: the servers that tests need, unit tests, then a production build, then the browser tests against that
// build, on each store. Every part runs even when an earlier one failed, and the last line is the true total.
//
//   npm test                                  everything
//   npm test -- --unit [file ...]             only Vitest
//   npm test -- --e2e [file ...]              only the build and Playwright
//   npm test -- --store redis                 the browser tests on this store alone; several: once more for each
//   npm test -- tests/a.test.ts e2e/b.spec.ts only these files
//   npm test -- --requests 5000 --seed 7 e2e/hostile-cookies.spec.ts  as many made-up requests; `npm run test:long` is
//                                             50,000 on the cookie store and on Redis
// @ts-check
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { BROWSER_VARIABLE, ensureBrowser, thisMachine } from './browser.mjs'
import { sum } from './count-tests.mjs'
import { conclude, notRun, outcomeOfPlaywright, outcomeOfVitest } from './outcome.mjs'
import { chosenStores, onlyStoreOf, SERVERS, serversOf, storeNamed } from './stores.mjs'
import { startServers } from './test-servers.mjs'

/** @typedef {import('./stores.mjs').Store} Store */
/** @typedef {import('./outcome.mjs').Outcome} Outcome */
/** @typedef {{ name: string, seconds: number } & Outcome} Step */

const RESULTS = 'test-results'
const KILL_AFTER_MS = 10_000

const require = createRequire(import.meta.url)

/**
 * @typedef {object} Parts what to run; undefined leaves a part out, no files are all its files
 * @property {string[] | undefined} unit
 * @property {string[] | undefined} e2e
 * @property {readonly Store[]} stores those that the browser tests run on
 * @property {Record<string, string>} hostile what e2e/hostile-cookies.spec.ts is told
 */

/**
 * Which parts to run, with which files. A file says by its name where it belongs.
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 * @returns {Parts}
 */
export function parseArguments(args, env) {
  const { values, positionals: files } = parseArgs({
    args,
    options: {
      unit: { type: 'boolean' },
      e2e: { type: 'boolean' },
      store: { type: 'string', multiple: true, default: [] },
      requests: { type: 'string' },
      seed: { type: 'string' },
    },
    allowPositionals: true,
  })
  const parts = parseParts(files, values.unit ?? false, values.e2e ?? false)
  const named = values.store.map((name) => storeNamed(name, '--store'))
  const wanted = named.length > 0 ? [...new Set(named)] : chosenStores(env)
  const hostile = {
    ...(values.requests !== undefined && {
      E2E_HOSTILE_REQUESTS: wholeNumber('--requests', values.requests),
    }),
    ...(values.seed !== undefined && { E2E_HOSTILE_SEED: wholeNumber('--seed', values.seed) }),
  }
  return { ...parts, stores: parts.e2e ? storesFor(parts.e2e, wanted) : [], hostile }
}

/** @param {string} option @param {string} text */
function wholeNumber(option, text) {
  if (/^\d{1,10}$/.test(text) && Number(text) > 0) return text
  throw new Error(`${option} is ${JSON.stringify(text)}; it must be a whole number above 0.`)
}

/**
 * @param {string[]} files
 * @param {boolean} isUnit
 * @param {boolean} isE2e
 * @returns {Pick<Parts, 'unit' | 'e2e'>}
 */
function parseParts(files, isUnit, isE2e) {
  if (isUnit && isE2e) return { unit: files, e2e: files }
  if (isUnit) return { unit: files, e2e: undefined }
  if (isE2e) return { unit: undefined, e2e: files }
  if (files.length === 0) return { unit: [], e2e: [] }

  const unit = files.filter((file) => file.includes('tests/') || file.includes('.test.'))
  const e2e = files.filter((file) => file.includes('e2e/') || file.includes('.spec.'))
  const unclear = files.filter((file) => unit.includes(file) === e2e.includes(file))
  if (unclear.length > 0) {
    throw new Error(`Is ${unclear.join(', ')} a unit or a browser test? Say --unit or --e2e as well.`)
  }
  return { unit: unit.length > 0 ? unit : undefined, e2e: e2e.length > 0 ? e2e : undefined }
}

/**
 * The stores that have tests in these files: a spec about one store says nothing of the others.
 * @param {string[]} files
 * @param {readonly Store[]} wanted
 */
function storesFor(files, wanted) {
  if (files.length === 0) return wanted
  const stores = wanted.filter((store) => files.some((file) => (onlyStoreOf(file) ?? store) === store))
  if (stores.length > 0) return stores
  throw new Error(`${files.join(', ')}: no tests for ${wanted.join(', ')}.`)
}

async function main() {
  const { unit, e2e, stores, hostile } = parseArguments(process.argv.slice(2), process.env)
  /** @type {Step[]} */
  const steps = []

  // Results of an earlier run must never be counted as this one's.
  rmSync(RESULTS, { recursive: true, force: true })
  mkdirSync(RESULTS, { recursive: true })

  const needed = unit ? SERVERS : serversOf(stores)
  if (needed.length > 0) console.log('── servers ──')
  const servers = await startServers(needed)
  try {
    if (servers.problem !== undefined) {
      console.error(servers.problem)
      steps.push({ name: 'servers', seconds: 0, ...notRun(servers.problem) })
    }
    if (unit) steps.push(await timed('unit tests', () => runVitest(unit, servers.variables)))
    if (e2e) {
      const build = await timed('next build', runBuild)
      steps.push(build)
      if (build.failed === 0) {
        steps.push(...(await runBrowserTests(e2e, stores, { ...servers.variables, ...hostile })))
      }
    }
  } finally {
    await servers.stop()
  }

  const failures = steps.flatMap((step) => step.failures)
  console.log()
  for (const failure of failures) console.log(`✗ ${failure}`)
  for (const step of steps) {
    console.log(`${step.name}: ${step.passed} passed, ${step.failed} failed (${step.seconds} s)`)
  }
  conclude({ ...sum(steps), failures })
}

/**
 * @param {string[]} files
 * @param {Record<string, string>} env
 */
async function runVitest(files, env) {
  const report = join(RESULTS, 'unit.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const exitCode = await run(bin('vitest'), ['run', ...reporters, ...files], env)
  return outcomeOfVitest(report, exitCode)
}

/** A build that works is not a test that passed, so it adds nothing; one that fails is one failure. */
async function runBuild() {
  const exitCode = await run(bin('next'), ['build'], { NODE_ENV: 'production' })
  return exitCode === 0 ? { passed: 0, failed: 0, failures: [] } : notRun('next build')
}

/**
 * The same files on each store, one step for each: a store whose tests did not run is a failure of its own.
 * @param {string[]} files
 * @param {readonly Store[]} stores
 * @param {Record<string, string>} env
 */
async function runBrowserTests(files, stores, env) {
  const browser = ensureBrowser(thisMachine())
  if ('problem' in browser) console.error(browser.problem)
  /** @type {Step[]} */
  const steps = []
  for (const store of stores) {
    const work = async () =>
      'problem' in browser
        ? notRun(browser.problem)
        : runPlaywright(files, store, { ...env, [BROWSER_VARIABLE]: browser.path })
    steps.push(await timed(`browser tests, ${store}`, work))
  }
  return steps
}

/**
 * @param {string[]} files
 * @param {Store} store
 * @param {Record<string, string>} env
 */
async function runPlaywright(files, store, env) {
  const report = join(RESULTS, `e2e-${store}.json`)
  // A folder for each store: Playwright empties the one it gets.
  const args = ['test', '--project', store, `--output=${join(RESULTS, 'e2e', store)}`, ...files]
  const exitCode = await run(bin('@playwright/test'), args, {
    ...env,
    SESSION_STORE: '', // --store may ask for another than the shell
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  })
  return outcomeOfPlaywright(report, exitCode)
}

/**
 * @param {string} name
 * @param {() => Promise<Outcome>} work
 * @returns {Promise<Step>}
 */
async function timed(name, work) {
  console.log(`\n── ${name} ──`)
  const start = performance.now()
  const totals = await work()
  return { name, ...totals, seconds: Math.round((performance.now() - start) / 1000) }
}

/**
 * Runs a package's command with this Node and waits for its exit code.
 *
 * It gets a process group of its own, so that an interrupt from the terminal reaches it once, through us, together with
 * every process it started.
 * @param {string} script
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<number>}
 */
function run(script, args, env = {}) {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  })
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    signalGroup(child.pid, signal)
    setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS).unref()
    child.once('exit', () => process.exit(signal === 'SIGINT' ? 130 : 143))
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      resolve(code ?? 1)
    })
  })
}

/**
 * @param {number | undefined} pid
 * @param {NodeJS.Signals} signal
 */
function signalGroup(pid, signal) {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal)
  } catch {
    // Already gone.
  }
}

/**
 * The file behind a package's own command, e.g. next → node_modules/next/dist/bin/next.
 * @param {string} name
 */
function bin(name) {
  const manifest = require.resolve(`${name}/package.json`)
  const entry = JSON.parse(readFileSync(manifest, 'utf8')).bin
  const file = typeof entry === 'string' ? entry : (entry[name] ?? Object.values(entry)[0])
  return join(manifest, '..', file)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 2
  })
}
