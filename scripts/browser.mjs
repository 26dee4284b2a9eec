// Finds, or installs, the Chromium that the browser tests drive.
// @ts-check
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { findPrograms, installByApt, isProgram, run } from './programs.mjs'

/** Names a browser when set, and carries the answer to playwright.config.ts. */
export const BROWSER_VARIABLE = 'CHROMIUM_PATH'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const START_LIMIT_MS = 60_000

/**
 * @typedef {object} Machine what this script asks of the machine it runs on
 * @property {string | undefined} named the browser that CHROMIUM_PATH names
 * @property {() => readonly string[]} find the paths of the browsers that are there, best first
 * @property {(path: string) => boolean} starts whether the browser at this path opens a page
 * @property {readonly (() => unknown)[]} installers ways to get a browser, to be tried in this order
 */

/**
 * The path of a browser that starts; installs one when the machine has none.
 * @param {Machine} [machine]
 * @returns {{ path: string } | { problem: string }}
 */
export function ensureBrowser(machine = thisMachine()) {
  const { named } = machine
  if (named) {
    // The tests run in the browser that is named, or not at all.
    if (machine.starts(named)) return { path: named }
    return { problem: `${BROWSER_VARIABLE}=${named} does not start as a headless browser.` }
  }
  /** @type {Set<string>} */
  const broken = new Set()
  for (const install of [() => {}, ...machine.installers]) {
    install()
    for (const path of machine.find().filter((each) => !broken.has(each))) {
      if (machine.starts(path)) return { path }
      broken.add(path)
    }
  }
  return {
    problem: [
      'The browser tests need Chromium or Chrome, and none could be found or installed.',
      ...[...broken].map((path) => `  ${path} is there but does not start`),
      `Install one of these on the PATH: ${NAMES.join(', ')};`,
      `or run "npx playwright install --with-deps chromium"; or set ${BROWSER_VARIABLE} to a browser's path.`,
    ].join('\n'),
  }
}

/** @returns {Machine} */
export function thisMachine() {
  const isRoot = process.getuid?.() === 0
  const playwright = createRequire(import.meta.url).resolve('@playwright/test/cli')
  const download = (/** @type {string[]} */ ...args) =>
    run(process.execPath, [playwright, 'install', ...args])
  return {
    named: process.env[BROWSER_VARIABLE],
    find: () => [chromium.executablePath(), ...findPrograms(NAMES)].filter(isProgram),
    starts: (path) => starts(path, isRoot),
    installers: [
      () => download('chromium'),
      () => installByApt(['chromium']),
      // Ubuntu's chromium package is an empty shell around a snap; there a downloaded browser lacks only libraries.
      () => isRoot && download('--with-deps', 'chromium'),
    ],
  }
}

/**
 * A file that is there may still lack shared libraries, or be a launcher of a snap that is not installed.
 * @param {string} path
 * @param {boolean} isRoot
 */
function starts(path, isRoot) {
  const profile = mkdtempSync(join(tmpdir(), 'sess-browser-'))
  const page = ['--dump-dom', 'data:text/html,<p>started</p>']
  const args = ['--headless', ...browserArgs(isRoot), `--user-data-dir=${profile}`, ...page]
  const probe = spawnSync(path, args, { encoding: 'utf8', timeout: START_LIMIT_MS, killSignal: 'SIGKILL' })
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  return probe.status === 0 && probe.stdout.includes('<p>started</p>')
}

/**
 * Quiet and offline: the browser talks only to the server under test.
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
