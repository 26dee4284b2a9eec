// Finds, or installs, the Chromium that the browser tests drive.
// @ts-check
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from '@playwright/test'
import { isExecutable } from './executable.mjs'

/** Names a browser when set, and carries the answer to playwright.config.ts. */
export const BROWSER_VARIABLE = 'CHROMIUM_PATH'

const NAMES_ON_PATH = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

const MINUTE = 60_000

/**
 * @typedef {object} Machine what this script asks of the machine it runs on
 * @property {Record<string, string | undefined>} env
 * @property {boolean} isRoot
 * @property {string} playwrightPath where Playwright keeps the Chromium it downloads
 * @property {(path: string) => boolean} isExecutable
 * @property {(path: string) => boolean} starts whether the browser at this path really opens a page
 * @property {(command: string, args: string[], timeoutMs: number) => boolean} run true when it exits with 0
 * @property {(line: string) => void} say
 */

/**
 * The path of a browser that starts; installs one when the machine has none.
 * @param {Machine} machine
 * @returns {{ path: string } | { problem: string }}
 */
export function ensureBrowser(machine) {
  /** @type {string[]} */
  const tried = []

  const named = machine.env[BROWSER_VARIABLE]
  if (named) {
    // Somebody chose this one: testing in another browser in its place would be a lie.
    if (machine.starts(named)) return { path: named }
    return { problem: `${BROWSER_VARIABLE}=${named} does not start as a headless browser.` }
  }

  const present = findStarting(machine, tried)
  if (present) return { path: present }

  machine.say('No Chromium found: trying to install one.')
  for (const install of installers(machine)) {
    machine.say(`> ${install.label}`)
    const installed = install.steps.every(([command, args, timeoutMs]) =>
      machine.run(command, args, timeoutMs),
    )
    tried.push(`${install.label}: ${installed ? 'ran' : 'failed'}`)
    const found = findStarting(machine, tried)
    if (found) return { path: found }
  }
  return { problem: explain(tried) }
}

/**
 * Every place a browser may be, best first: Playwright's own, then the PATH.
 * @param {Pick<Machine, 'env' | 'playwrightPath'>} machine
 */
export function candidates({ env, playwrightPath }) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return [playwrightPath, ...NAMES_ON_PATH.flatMap((name) => folders.map((folder) => join(folder, name)))]
}

/**
 * @param {Machine} machine
 * @param {string[]} tried
 */
function findStarting(machine, tried) {
  for (const path of candidates(machine)) {
    if (!machine.isExecutable(path)) continue
    if (machine.starts(path)) return path
    const line = `${path}: is there but does not start`
    if (!tried.includes(line)) tried.push(line)
  }
  return undefined
}

/**
 * The ways to get a browser, in order; only those this machine can use.
 * @param {Machine} machine
 * @returns {{ label: string, steps: [command: string, args: string[], timeoutMs: number][] }[]}
 */
function installers({ env, isRoot, isExecutable }) {
  const has = (/** @type {string} */ name) =>
    (env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, name)))
  const playwright = createRequire(import.meta.url).resolve('@playwright/test/cli')
  const ways = [
    {
      label: 'npx playwright install chromium',
      steps: step(process.execPath, [playwright, 'install', 'chromium'], 10 * MINUTE),
    },
  ]
  if (!isRoot) return ways
  if (has('apt-get')) {
    ways.push({
      label: 'apt-get install chromium',
      steps: [
        ...step('apt-get', ['update'], 3 * MINUTE),
        ...step('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], 10 * MINUTE),
      ],
    })
    // Ubuntu's chromium package is an empty shell around a snap; there a downloaded browser lacks only libraries.
    ways.push({
      label: 'npx playwright install --with-deps chromium',
      steps: step(process.execPath, [playwright, 'install', '--with-deps', 'chromium'], 15 * MINUTE),
    })
  } else if (has('dnf')) {
    ways.push({
      label: 'dnf install chromium',
      steps: step('dnf', ['install', '-y', 'chromium'], 10 * MINUTE),
    })
  } else if (has('apk')) {
    ways.push({ label: 'apk add chromium', steps: step('apk', ['add', 'chromium'], 10 * MINUTE) })
  } else if (has('pacman')) {
    const args = ['-Sy', '--noconfirm', 'chromium']
    ways.push({ label: 'pacman -Sy chromium', steps: step('pacman', args, 10 * MINUTE) })
  }
  return ways
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {number} timeoutMs
 * @returns {[command: string, args: string[], timeoutMs: number][]}
 */
function step(command, args, timeoutMs) {
  return [[command, args, timeoutMs]]
}

/** @param {string[]} tried */
function explain(tried) {
  return [
    'The browser tests need Chromium or Chrome, and none could be found or installed.',
    ...tried.map((line) => `  tried  ${line}`),
    `Install Chromium or Google Chrome so that one of these is on the PATH: ${NAMES_ON_PATH.join(', ')};`,
    `or run "npx playwright install --with-deps chromium"; or set ${BROWSER_VARIABLE} to a browser's path.`,
  ].join('\n')
}

/**
 * This machine. Built on demand: importing the file asks the system nothing.
 * @returns {Machine}
 */
export function thisMachine() {
  const isRoot = process.getuid?.() === 0
  return {
    env: process.env,
    isRoot,
    playwrightPath: chromium.executablePath(),
    isExecutable,
    starts: (path) => starts(path, isRoot),
    run: (command, args, timeoutMs) => {
      // A short connection limit makes the download give up at once where there is no network.
      const env = {
        ...process.env,
        DEBIAN_FRONTEND: 'noninteractive',
        PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000',
      }
      return (
        spawnSync(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'], timeout: timeoutMs })
          .status === 0
      )
    },
    say: (line) => console.log(line),
  }
}

/**
 * A file that is there may still lack shared libraries, or be a launcher of a snap that is not installed.
 * @param {string} path
 * @param {boolean} isRoot
 */
function starts(path, isRoot) {
  const profile = mkdtempSync(join(tmpdir(), 'sess-browser-'))
  const args = [
    '--headless',
    ...browserArgs(isRoot),
    `--user-data-dir=${profile}`,
    '--dump-dom',
    'data:text/html,<p>started</p>',
  ]
  const probe = spawnSync(path, args, { encoding: 'utf8', timeout: MINUTE, killSignal: 'SIGKILL' })
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  return probe.status === 0 && probe.stdout.includes('<p>started</p>')
}

/**
 * Quiet and offline: the browser talks to the server under test and to nobody else.
 * @param {boolean} isRoot Chromium refuses its sandbox to root
 */
export function browserArgs(isRoot) {
  return [
    ...(isRoot ? ['--no-sandbox'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-gpu',
    '--disable-quic',
    '--disable-sync',
    '--no-first-run',
  ]
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = ensureBrowser(thisMachine())
  console.log('path' in result ? result.path : result.problem)
  process.exitCode = 'path' in result ? 0 : 1
}
