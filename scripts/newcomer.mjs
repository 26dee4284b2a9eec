// A shell as a newcomer has it, in a folder outside the repository: for trying what is published as they would.
// @ts-check
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { conclude } from './outcome.mjs'

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

const START_LIMIT_MS = 120_000
const RUN_LIMIT_MS = 15 * 60_000
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
 * Runs a line of shell to its end, and shows what it said only when it fails.
 * @param {string} command
 * @param {string} cwd
 * @param {Environment} env
 * @returns {Promise<string>} what it printed
 */
export async function shell(command, cwd, env) {
  const running = start(command, cwd, env)
  const limit = setTimeout(() => running.signal('SIGKILL'), RUN_LIMIT_MS)
  const [code] = await once(running.child, 'close')
  clearTimeout(limit)
  if (code !== 0) throw new Error(`${command}: exit code ${code}\n${running.said()}`)
  return running.said()
}

/**
 * Runs a server, does some work with its address, and ends it as Ctrl-C does.
 * @param {string} command
 * @param {string} cwd
 * @param {Environment} env
 * @param {(url: string, said: () => string) => Promise<void>} work with its address, and what it printed so far
 */
export async function whileServing(command, cwd, env, work) {
  const server = start(command, cwd, { ...env, PORT: '0' }) // the system picks a free one
  try {
    await work(await addressOf(server), server.said)
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${server.said()}`)
  } finally {
    if (server.child.exitCode === null) {
      const ended = once(server.child, 'exit')
      server.signal('SIGINT')
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
