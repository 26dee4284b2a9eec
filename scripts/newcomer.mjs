// A shell as a newcomer has it, in a folder outside the repository: for trying what is published as they would.
// @ts-check
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { conclude } from './outcome.mjs'

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

const START_LIMIT_MS = 120_000
const RUN_LIMIT_MS = 15 * 60_000
const STOP_LIMIT_MS = 15_000
const SHOWN_LINES = 60

/**
 * Tries each case in a folder that is gone afterwards: a line for each, the true total last and in
 * test-results/summary.json.
 * @param {string} prefix of the folder's name
 * @param {(folder: string) => Promise<readonly (readonly [name: string, tryIt: () => Promise<void>])[]>} prepare
 */
export async function tryCases(prefix, prepare) {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  let passed = 0
  /** @type {string[]} */
  const failures = []
  try {
    for (const [name, tryIt] of await prepare(folder)) {
      const start = performance.now()
      try {
        await tryIt()
        const left = processesIn(join(folder, name))
        if (left.length > 0) throw new Error(`Still running: ${left.join(', ')}`)
        passed += 1
        console.log(`✓ ${name} (${Math.round((performance.now() - start) / 1000)} s)`)
      } catch (error) {
        failures.push(`${name}\n${error instanceof Error ? error.message : error}`)
        console.log(`✗ ${failures.at(-1)}`)
      }
      rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5 })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  conclude({ passed, failed: failures.length, failures })
}

/**
 * @template T
 * @param {readonly (readonly [name: string, value: T])[]} cases
 * @param {readonly string[]} names those to try; none: all
 * @throws when a name is none of them
 */
export function chosenCases(cases, names) {
  const unknown = names.find((name) => !cases.some(([known]) => known === name))
  if (unknown) throw new Error(`${unknown} is none of ${cases.map(([name]) => name).join(', ')}.`)
  return names.length === 0 ? cases : cases.filter(([name]) => names.includes(name))
}

/**
 * create-sess-app as it would be published.
 * @param {string} folder where the tarball goes
 * @returns {string} what `npx` has to be told in front of the command's own arguments
 */
export function packed(folder) {
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: 'create-sess-app',
    encoding: 'utf8',
  })
  return `--yes --package=file:${join(folder, name.trim())} create-sess-app`
}

/** This npm script's own Node and variables are not in it. */
export function newcomersEnvironment() {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|INIT_CWD$|NODE$|NODE_ENV$|SESSION_|TEST_|[A-Z]+_(?:URL|SERVERS)$)/.test(name),
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
 * Runs a line of shell to its end, and shows what it printed only when it fails.
 * @param {string} command
 * @param {string} cwd
 * @param {Environment} env
 * @returns {Promise<string>} what it printed
 */
export async function shell(command, cwd, env) {
  const { child, said, signal } = start(command, cwd, env)
  const limit = setTimeout(signal, RUN_LIMIT_MS, 'SIGKILL')
  const [code] = await once(child, 'close')
  clearTimeout(limit)
  if (code !== 0) throw new Error(`${command}: exit code ${code}\n${said()}`)
  return said()
}

/**
 * Runs a server, does some work with its address, and ends it as Ctrl-C does.
 * @param {string} command
 * @param {string} cwd
 * @param {Environment} env
 * @param {(url: string, said: () => string) => Promise<void>} work with its address, and what it printed so far
 */
export async function whileServing(command, cwd, env, work) {
  const { child, said, signal } = start(command, cwd, { ...env, PORT: '0' }) // the system picks a free one
  const ended = once(child, 'exit')
  try {
    await work(await addressOf(child, ended), said)
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${said()}`)
  } finally {
    signal('SIGINT')
    await Promise.race([ended, delay(STOP_LIMIT_MS, undefined, { ref: false })])
    signal('SIGKILL')
  }
}

/**
 * @param {ReturnType<typeof start>['child']} child
 * @param {Promise<unknown>} ended
 * @returns {Promise<string>}
 */
async function addressOf(child, ended) {
  const found = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /Local:\s+(http:\S+)/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
  const late = delay(START_LIMIT_MS, undefined, { ref: false })
  const url = await Promise.race([found, ended.then(() => undefined), late])
  if (typeof url !== 'string') throw new Error('It ended, or was not ready in time.')
  return url
}

/**
 * @param {string} command
 * @param {string} cwd
 * @param {Environment} env
 */
function start(command, cwd, env) {
  const child = spawn('bash', ['-c', command], {
    cwd,
    env: /** @type {NodeJS.ProcessEnv} */ (env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, so that a signal reaches all of it
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return {
    child,
    said: () => output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n'),
    /** @param {NodeJS.Signals} name */
    signal(name) {
      try {
        process.kill(-Number(child.pid), name)
      } catch {
        // Already gone.
      }
    },
  }
}

/**
 * What still runs with this folder as its own, where the system tells (Linux).
 * @param {string} path
 * @returns {string[]}
 */
function processesIn(path) {
  if (!existsSync('/proc/self')) return []
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(path)
    } catch {
      return false // ended meanwhile
    }
  })
}
