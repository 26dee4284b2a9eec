// Programs of this machine, and of Debian's packages: what the servers and the browser are started with.
// @ts-check
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where packages put PostgreSQL without putting it on the PATH, in a folder with its version in the name. */
const POSTGRES_HOMES = ['/usr/lib/postgresql', '/usr', '/opt/homebrew/opt', '/usr/local/opt']
const MINUTE_MS = 60_000

/**
 * The path of a program: the first that is in a folder of the PATH, else that of the newest PostgreSQL.
 * @param {readonly string[]} names what it may be called
 * @returns {string | undefined}
 */
export function findProgram(names) {
  return findPrograms(names)[0]
}

/** @param {readonly string[]} names @param {readonly string[]} homes */
export function findPrograms(names, homes = POSTGRES_HOMES) {
  const versions = homes
    .filter((home) => existsSync(home))
    .flatMap((home) => readdirSync(home).map((name) => ({ folder: join(home, name, 'bin'), name })))
    .map(({ folder, name }) => ({ folder, version: /^(?:pgsql-|postgresql@?)?([\d.]*)$/.exec(name)?.[1] }))
    .filter(({ version }) => version !== undefined)
    .sort((one, other) => Number.parseFloat(`0${other.version}`) - Number.parseFloat(`0${one.version}`))
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const folders = [...path, ...versions.map(({ folder }) => folder)]
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).filter(isProgram)
}

/** @param {string} path */
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The packages that apt was asked for: what failed once takes minutes to fail again. */
const askedOfApt = new Set()

/**
 * Installs packages of Debian that it has not tried yet, where this is root on a Debian.
 * @param {readonly string[]} packages
 * @returns {boolean} whether this installed them
 */
export function installByApt(packages) {
  if (process.getuid?.() !== 0 || findProgram(['apt-get']) === undefined) return false
  const untried = packages.filter((name) => !askedOfApt.has(name))
  if (untried.length === 0) return false
  for (const name of untried) askedOfApt.add(name)
  const install = ['install', '-y', '--no-install-recommends', ...untried]
  return run('apt-get', ['update'], 3 * MINUTE_MS) && run('apt-get', install, 10 * MINUTE_MS)
}

/**
 * Runs a command with its output in sight.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {number} [timeout] in milliseconds
 * @returns {boolean} whether it ended with 0
 */
export function run(command, args, timeout) {
  console.log(`> ${[command, ...args].join(' ')}`)
  const quiet = {
    DEBIAN_FRONTEND: 'noninteractive',
    RUNLEVEL: '1', // in it, Debian does not start the servers that it installs
    PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000', // gives up at once where there is no network
  }
  const env = { ...process.env, ...quiet }
  return spawnSync(command, args, { env, timeout, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}
