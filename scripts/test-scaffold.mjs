// Makes apps with the packed create-sess-app as a newcomer would, in a folder of their own, and follows the README of
// each word by word: `dev` counts visits, `test` passes, types are right.
//
//   npm run test:scaffold                        every store, with demo pages and lean; then the other package managers
//   npm run test:scaffold -- --covering          each store once, demo and lean in turn
//   npm run test:scaffold -- --only redis-lean   one app; several: once more for each
//
// The last line is the true total; test-results/summary.json has it too.
// @ts-check
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { STORES } from './stores.mjs'

/** @typedef {{ store: import('./stores.mjs').Store, demo: boolean, packageManager: string }} App */

const START_LIMIT_MS = 120_000
const TEST_LIMIT_MS = 15 * 60_000
const SHOWN_LINES = 60

/** Each store once, and both kinds of app. */
const COVERING = ['cookie-demo', 'file-lean', 'sqlite-demo', 'postgres-lean', 'redis-demo', 'memcached-lean']

/** The versions of the package managers that are tried. */
const PACKAGE_MANAGERS = { pnpm: 'pnpm@12.21.0', yarn: 'yarn@1.22.22', bun: 'bun@1.4.5' }

const { values } = parseArgs({
  options: {
    covering: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'sess-scaffold-'))
const env = newcomersEnvironment()
let passed = 0
let failed = 0
try {
  const tarball = pack()
  for (const [name, app] of chosenApps()) {
    const start = performance.now()
    try {
      await tryApp(name, app, tarball)
      passed += 1
      console.log(`✓ ${name} (${Math.round((performance.now() - start) / 1000)} s)`)
    } catch (error) {
      failed += 1
      console.log(`✗ ${name}\n${error instanceof Error ? error.message : error}`)
    }
    rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5 })
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
mkdirSync('test-results', { recursive: true })
writeFileSync('test-results/summary.json', `${JSON.stringify({ passed, failed })}\n`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** @returns {[name: string, app: App][]} */
function chosenApps() {
  /** @type {[string, App][]} */
  const apps = STORES.flatMap((store) => [
    [`${store}-demo`, { store, demo: true, packageManager: 'npm' }],
    [`${store}-lean`, { store, demo: false, packageManager: 'npm' }],
  ])
  for (const packageManager of Object.keys(PACKAGE_MANAGERS)) {
    apps.push([`sqlite-lean-${packageManager}`, { store: 'sqlite', demo: false, packageManager }])
  }
  const names = values.only.length > 0 ? values.only : values.covering ? COVERING : apps.map(([name]) => name)
  const unknown = names.find((name) => !apps.some(([known]) => known === name))
  if (unknown) throw new Error(`${unknown} is none of ${apps.map(([name]) => name).join(', ')}.`)
  return apps.filter(([name]) => names.includes(name))
}

function pack() {
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: 'create-sess-app',
    encoding: 'utf8',
  })
  return join(folder, name.trim())
}

/**
 * @param {string} name
 * @param {App} app
 * @param {string} tarball
 */
async function tryApp(name, { store, demo, packageManager }, tarball) {
  const flags = ['--yes', '--store', store, '--pm', packageManager, ...(demo ? [] : ['--no-demo'])]
  await shell(
    `npx --yes --package=file:${tarball} create-sess-app ${name} ${flags.join(' ')}`,
    folder,
    packageManager,
  )
  const app = join(folder, name)
  await shell(
    'test -z "$(git status --porcelain)" && test "$(git rev-list --count HEAD)" = 1',
    app,
    packageManager,
  )
  await shell(`${packageManager} run typecheck`, app, packageManager)

  const [dev = '', test = ''] = commandsOf(join(app, 'README.md'))
  await seeVisitsCounted(dev, app, packageManager, demo ? '/get' : '/')
  await shell(test, app, packageManager)
  if (demo) await seeApiClosed(app, packageManager, store)
  const left = processesIn(app)
  if (left.length > 0) throw new Error(`Still running: ${left.join(', ')}`)
}

/**
 * The first two commands of a README.
 * @param {string} path
 */
function commandsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(/```sh\n(.*)\n```/g)]
    .slice(0, 2)
    .map(([, command]) => command)
}

/**
 * Runs what the README says and counts two visits, the first without a cookie, through the form of the page.
 * @param {string} command
 * @param {string} app
 * @param {string} packageManager
 * @param {string} path
 */
async function seeVisitsCounted(command, app, packageManager, path) {
  await whileServing(command, app, packageManager, async (url) => {
    let cookie = ''
    for (const expected of [0, 1, 2]) {
      const page = await (await fetch(`${url}${path}`, { headers: { cookie } })).text()
      const counted = Number(/<(?:output|dd)[^>]*>(?:<[^>]*>)*(\d+)</.exec(page)?.[1] ?? NaN)
      if (counted !== expected)
        throw new Error(`The page counts ${counted} visits, not ${expected}:\n${page}`)
      cookie = await submitFirstForm(`${url}${path}`, page, cookie)
    }
  })
}

/**
 * As a browser without JavaScript does it.
 * @param {string} url
 * @param {string} page
 * @param {string} cookie
 * @returns {Promise<string>} the cookies after it
 */
async function submitFirstForm(url, page, cookie) {
  const form = new FormData()
  const main = page.slice(page.indexOf('<main'))
  const action = /name="(\$ACTION_ID_[0-9a-f]+)"/.exec(main)?.[1]
  if (action === undefined) throw new Error(`The page has no form:\n${page}`)
  form.set(action, '')
  const headers = { cookie, origin: new URL(url).origin }
  const answer = await fetch(url, { method: 'POST', headers, body: form, redirect: 'manual' })
  const jar = new Map(cookie.split('; ').map((pair) => [pair.split('=', 1)[0], pair]))
  for (const line of answer.headers.getSetCookie())
    jar.set(line.split('=', 1)[0], line.split(';', 1)[0] ?? '')
  return [...jar.values()].filter(Boolean).join('; ')
}

/**
 * An open API that writes any key of a session must not come with an app.
 * @param {string} app
 * @param {string} packageManager
 * @param {string} store
 */
async function seeApiClosed(app, packageManager, store) {
  if (store !== 'cookie') return // the others would need their server named
  await whileServing('npm start', app, packageManager, async (url) => {
    const { status } = await fetch(`${url}/api/session`)
    if (status !== 404) throw new Error(`/api/session answers ${status} in production.`)
  })
}

/**
 * @param {string} command
 * @param {string} cwd
 * @param {string} packageManager
 * @param {(url: string) => Promise<void>} work
 */
async function whileServing(command, cwd, packageManager, work) {
  // Port 0: the system picks a free one.
  const server = start(command, cwd, packageManager, { PORT: '0' })
  try {
    await work(await addressOf(server))
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${server.said()}`)
  } finally {
    if (server.child.exitCode === null) {
      const ended = once(server.child, 'exit')
      server.signal('SIGINT') // as Ctrl-C does
      await Promise.race([ended, delay(15_000, undefined, { ref: false })])
      server.signal('SIGKILL')
    }
  }
}

/**
 * @param {ReturnType<typeof start>} server
 * @returns {Promise<string>}
 */
function addressOf({ child, lines, said }) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('It did not start in time.')), START_LIMIT_MS)
    child.once('exit', (code) => reject(new Error(`It ended with ${code} before it was ready.\n${said()}`)))
    lines.on('line', (line) => {
      const url = /Local:\s+(http:\S+)/.exec(line)?.[1]
      if (url === undefined) return
      clearTimeout(limit)
      resolve(url)
    })
  })
}

/**
 * Runs a line of a README to its end, and shows what it said only when it fails.
 * @param {string} command
 * @param {string} cwd
 * @param {string} packageManager
 */
async function shell(command, cwd, packageManager) {
  const running = start(command, cwd, packageManager, {})
  const limit = setTimeout(() => running.signal('SIGKILL'), TEST_LIMIT_MS)
  const [code] = await once(running.child, 'close')
  clearTimeout(limit)
  if (code !== 0) throw new Error(`${command}: exit code ${code}\n${running.said()}`)
}

/**
 * @param {string} command
 * @param {string} cwd
 * @param {string} packageManager
 * @param {Record<string, string>} variables
 */
function start(command, cwd, packageManager, variables) {
  const child = spawn('bash', ['-c', command], {
    cwd,
    env: { ...env, ...variables, PATH: [binOf(packageManager), env.PATH].filter(Boolean).join(delimiter) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, so that a signal reaches all of it
  })
  /** @type {string[]} */
  const output = []
  const lines = createInterface({ input: child.stdout })
  for (const reader of [lines, createInterface({ input: child.stderr })]) {
    reader.on('line', (line) => output.push(line))
  }
  return {
    child,
    lines,
    said: () => output.slice(-SHOWN_LINES).join('\n'),
    /** @param {NodeJS.Signals} name */
    signal(name) {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name)
      } catch {
        // Already gone.
      }
    },
  }
}

/**
 * A folder with the command of a package manager, installed when it is first needed; npm is there.
 * @param {string} name
 */
function binOf(name) {
  const version = PACKAGE_MANAGERS[/** @type {keyof typeof PACKAGE_MANAGERS} */ (name)]
  if (version === undefined) return undefined
  const home = join(folder, `.${name}`)
  const bin = join(home, 'node_modules', '.bin')
  try {
    readdirSync(bin)
  } catch {
    mkdirSync(home)
    writeFileSync(join(home, 'package.json'), '{ "private": true }')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--save-exact', version], {
      cwd: home,
      env,
      stdio: 'inherit',
    })
  }
  return bin
}

/** A shell as a newcomer has it: this npm script's own Node and variables are not in it. */
function newcomersEnvironment() {
  const entries = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:npm_|INIT_CWD$|NODE$|NODE_ENV$|SESSION_|TEST_|DATABASE_URL$|REDIS_URL$|MEMCACHED_SERVERS$)/.test(
        name,
      ),
  )
  const path = (process.env.PATH ?? '').split(delimiter).filter((part) => !/node_modules/.test(part))
  return {
    ...Object.fromEntries(entries),
    PATH: path.join(delimiter),
    CI: 'true',
    NEXT_TELEMETRY_DISABLED: '1',
    GIT_AUTHOR_NAME: 'Newcomer',
    GIT_AUTHOR_EMAIL: 'newcomer@example.com',
    GIT_COMMITTER_NAME: 'Newcomer',
    GIT_COMMITTER_EMAIL: 'newcomer@example.com',
  }
}

/**
 * What still runs with this folder as its own, where the system tells (Linux).
 * @param {string} path
 * @returns {string[]}
 */
function processesIn(path) {
  /** @type {string[]} */
  let pids = []
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
  return pids.filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(path)
    } catch {
      return false // ended meanwhile
    }
  })
}
