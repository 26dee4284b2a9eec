// `npm test`: the servers that tests need, unit tests beside a production build, then the browser tests against that
// build. Every part runs even when an earlier one failed, and the last line is the true total.
//
//   npm test                                  unit tests of the library, and browser tests on the cookie store and on Redis
//   npm test -- --unit [file ...]             only Vitest
//   npm test -- --e2e [file ...]              only the build and Playwright
//   npm test -- --store file                  browser tests on this store; several: once more for each
//   npm test -- tests/a.test.ts e2e/b.spec.ts only these files
//   npm run test:rest                         what `npm test` leaves out: unit tests of create-sess-app, the pages of the
//                                             site, the other stores, Cache Components, apps made by create-sess-app,
//                                             sessions added to apps, the weight of the pages
//   npm run test:all                          both
//   npm run check:cache-components [file ...]  browser tests on a build with Cache Components
//   npm run test:long                         what takes long and finds little: 50,000 Cookie headers (`-- --requests 900`,
//                                             `-- --seed 7`), ten rounds of processes, ten times the model's schedules
// @ts-check
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { copyApp } from './app-copy.mjs'
import { BROWSER_VARIABLE, ensureBrowser, thisMachine } from './browser.mjs'
import { conclude, notRun, outcomeOfPlaywright, outcomeOfVitest, SUMMARY, sum } from './outcome.mjs'
import { CACHE_COMPONENTS_SPECS, MAIN_STORES, onlyStoreOf } from './specs.mjs'
import { chosenStores, SERVERS, STORES, serversOf, storeNamed } from './stores.mjs'
import { startServers } from './test-servers.mjs'

/** @typedef {import('./stores.mjs').Store} Store */
/** @typedef {import('./outcome.mjs').Outcome} Outcome */
/** @typedef {{ name: string, seconds: number } & Outcome} Step */
/** @typedef {Record<string, string>} Environment */

const RESULTS = 'test-results'
const KILL_AFTER_MS = 10_000

/** The parts of `test:rest` that are scripts of their own. */
const SCRIPTS = [
  ['apps made by create-sess-app', 'scripts/test-scaffold.mjs', '--covering'],
  ['sessions added to apps', 'scripts/test-add.mjs', '--covering'],
  ['the JavaScript of a page beside an empty app', 'bench/check-weight.mjs'],
]

const LONG = {
  unit: ['tests/session/processes', 'tests/session/model'],
  e2e: ['e2e/hostile-cookies.spec.ts'],
}
const LONG_REQUESTS = '50000'

const { resolve } = createRequire(import.meta.url)
const [NEXT, VITEST, PLAYWRIGHT] = [
  resolve('next/dist/bin/next'),
  join(resolve('vitest/package.json'), '../vitest.mjs'),
  resolve('@playwright/test/cli'),
]

/**
 * @typedef {object} Parts what to run; undefined leaves a part out, no files are all its files
 * @property {string[] | undefined} unit
 * @property {'sess' | 'create-sess-app' | undefined} unitProject the one of Vitest's projects that runs; undefined: both
 * @property {string[] | undefined} e2e
 * @property {readonly Store[]} stores those that the browser tests run on
 * @property {string[] | undefined} cacheComponents
 * @property {boolean} scripts whether the other scripts run
 * @property {Environment} env what the tests are told
 */

/**
 * Which parts to run, with which files. A file says by its name where it belongs.
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 * @returns {Parts}
 */
export function parseArguments(args, env) {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false })
  const { values, positionals: files } = parseArgs({
    args,
    options: {
      unit: flag,
      e2e: flag,
      rest: flag,
      all: flag,
      long: flag,
      'cache-components': flag,
      store: { type: 'string', multiple: true, default: [] },
      requests: { type: 'string' },
      seed: { type: 'string' },
    },
    allowPositionals: true,
  })
  const isRest = values.rest || values.all
  const nothing = { unit: undefined, e2e: undefined }
  const { unit, e2e } = values['cache-components']
    ? nothing
    : values.long
      ? LONG
      : values.rest
        ? { unit: [], e2e: [] }
        : parseParts(files, values.unit, values.e2e)
  const main = env.SESSION_STORE ? chosenStores(env) : MAIN_STORES
  // The pages of the site are part of the rest: they run on the cookie store.
  const others = STORES.filter((store) => store === 'cookie' || !main.includes(store))
  const usual = values.all ? STORES : values.rest ? others : main
  const isMain = files.length === 0 && !isRest && !values.unit && !values.e2e && !values.long
  const named = [...new Set(values.store.map((name) => storeNamed(name, '--store')))]
  const requests = values.requests ?? (values.long ? LONG_REQUESTS : undefined)
  const specs = files.length > 0 ? files : CACHE_COMPONENTS_SPECS
  return {
    unit,
    unitProject: isMain ? 'sess' : values.rest ? 'create-sess-app' : undefined,
    e2e,
    stores: e2e ? storesFor(e2e, named, usual) : [],
    cacheComponents: values['cache-components'] || isRest ? specs : undefined,
    scripts: isRest,
    env: {
      ...(values.long && { TEST_LONG: 'true' }),
      ...(e2e && e2e.length > 0 && { E2E_NAMED_SPECS: 'true' }),
      ...(isRest && { E2E_SITE: values.rest ? 'alone' : 'true' }),
      ...(requests !== undefined && { E2E_HOSTILE_REQUESTS: wholeNumber('--requests', requests) }),
      ...(values.seed !== undefined && { E2E_HOSTILE_SEED: wholeNumber('--seed', values.seed) }),
    },
  }
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
  if (isUnit || isE2e) return { unit: isUnit ? files : undefined, e2e: isE2e ? files : undefined }
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
 * @param {readonly Store[]} named
 * @param {readonly Store[]} usual
 */
function storesFor(files, named, usual) {
  const wanted = named.length > 0 ? named : usual
  if (files.length === 0) return wanted
  const only = files.map(onlyStoreOf)
  const stores = STORES.filter(
    (store) => only.includes(store) || (only.includes(undefined) && wanted.includes(store)),
  ).filter((store) => named.length === 0 || named.includes(store))
  if (stores.length > 0) return stores
  throw new Error(`${files.join(', ')}: no tests for ${wanted.join(', ')}.`)
}

async function main() {
  const parts = parseArguments(process.argv.slice(2), process.env)
  const { unit, unitProject, e2e, stores, cacheComponents } = parts
  /** @type {Step[]} */
  const steps = []

  // Results of an earlier run must never be counted as this one's.
  rmSync(RESULTS, { recursive: true, force: true })
  mkdirSync(RESULTS, { recursive: true })

  const needed = unit && unitProject !== 'create-sess-app' ? SERVERS : serversOf(stores)
  if (needed.length > 0) console.log('── servers ──')
  const servers = await startServers(needed)
  const env = { ...servers.variables, ...parts.env }
  try {
    if (servers.problem !== undefined) {
      console.error(servers.problem)
      steps.push({ name: 'servers', seconds: 0, ...notRun(servers.problem) })
    }
    const builds = e2e ? [timed('next build', () => build('.'))] : []
    if (unit) steps.push(await timed('unit tests', () => runVitest(unit, unitProject, env)))
    const built = await Promise.all(builds)
    steps.push(...built)
    if (e2e && built.every(({ failed }) => failed === 0)) {
      const name = `browser tests, ${stores.join(', ')}`
      steps.push(await timed(name, () => runPlaywright('e2e', e2e, stores, env)))
    }
    if (cacheComponents) {
      steps.push(await timed('Cache Components', () => runCacheComponents(cacheComponents, env)))
    }
  } finally {
    await servers.stop()
  }
  if (parts.scripts) {
    for (const [name = '', script = '', ...args] of SCRIPTS) {
      steps.push(await timed(name, () => runScript(script, args)))
    }
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
 * @param {string | undefined} project
 * @param {Environment} env
 */
async function runVitest(files, project, env) {
  const report = join(RESULTS, 'unit.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const exitCode = await run(
    VITEST,
    ['run', ...reporters, ...(project ? ['--project', project] : []), ...files],
    env,
  )
  return outcomeOfVitest(report, exitCode)
}

/**
 * A build that works is not a test that passed, so it adds nothing; one that fails is one failure.
 * @param {string} folder
 */
async function build(folder) {
  const exitCode = await run(NEXT, ['build'], { NODE_ENV: 'production' }, folder)
  return exitCode === 0 ? { passed: 0, failed: 0, failures: [] } : notRun('next build')
}

/**
 * @param {string} name of the results
 * @param {string[]} files
 * @param {readonly Store[]} stores
 * @param {Environment} env
 */
async function runPlaywright(name, files, stores, env) {
  const browser = ensureBrowser(thisMachine())
  if ('problem' in browser) return notRun(browser.problem)
  const report = join(RESULTS, `${name}.json`)
  const projects = stores.flatMap((store) => ['--project', store])
  const args = ['test', ...projects, `--output=${join(RESULTS, name)}`, ...files]
  const exitCode = await run(PLAYWRIGHT, args, {
    ...env,
    [BROWSER_VARIABLE]: browser.path,
    SESSION_STORE: '', // --store may ask for another than the shell
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  })
  return outcomeOfPlaywright(report, exitCode)
}

/**
 * `create-next-app` turns Cache Components and Partial Prefetching on: what they can change is tested on a copy of the app
 * that has both.
 * @param {string[]} files
 * @param {Environment} env
 */
async function runCacheComponents(files, env) {
  const copy = copyApp('cache-components')
  // The app's own configuration stays the base, whatever it holds.
  renameSync(join(copy, 'next.config.ts'), join(copy, 'next.config.base.ts'))
  const modes = '{ ...base, cacheComponents: true, partialPrefetching: true }'
  writeFileSync(
    join(copy, 'next.config.ts'),
    `import base from './next.config.base'\n\nexport default ${modes}\n`,
  )
  // Routes that do what an app should not: tests need them in a build, and no app gets them.
  cpSync('e2e/routes', join(copy, 'app'), { recursive: true })
  const built = await build(copy)
  if (built.failed > 0) return built
  return runPlaywright('e2e-cache-components', files, ['cookie'], { ...env, E2E_APP_DIR: copy })
}

/**
 * @param {string} script
 * @param {string[]} args
 * @returns {Promise<Outcome>}
 */
async function runScript(script, args) {
  rmSync(SUMMARY, { force: true })
  const exitCode = await run(script, args)
  if (existsSync(SUMMARY)) return JSON.parse(readFileSync(SUMMARY, 'utf8'))
  return exitCode === 0 ? { passed: 1, failed: 0, failures: [] } : notRun(script)
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
 * Runs a script with this Node and waits for its exit code.
 *
 * It gets a process group of its own, so that an interrupt from the terminal reaches it once, through us, together with
 * every process it started.
 * @param {string} script
 * @param {string[]} args
 * @param {Environment} env
 * @param {string} cwd
 * @returns {Promise<number>}
 */
function run(script, args, env = {}, cwd = '.') {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
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
  return new Promise((done, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      done(code ?? 1)
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

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 2
  })
}
