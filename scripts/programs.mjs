// Programs of this machine, and of Debian's packages: what the servers and the browser are started with.
// @ts-check
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where packages put PostgreSQL without putting it on the PATH. */
const POSTGRES_HOMES = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt']

/**
 * The path of a program: the first that is in a folder of the PATH, else that of the newest PostgreSQL.
 * @param {readonly string[]} names what it may be called
 * @returns {string | undefined}
 */
export function findProgram(names) {
  return findPrograms(names)[0]
}

/** @param {readonly string[]} names */
export function findPrograms(names) {
  const homes = POSTGRES_HOMES.filter((home) => existsSync(home))
  const versions = homes.flatMap((home) => readdirSync(home).map((version) => join(home, version, 'bin')))
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const folders = [...path, ...versions.sort().reverse()]
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

/**
 * Installs packages of Debian, where this is root on a Debian.
 * @param {readonly string[]} packages
 * @returns {boolean} whether they are installed now
 */
export function installByApt(packages) {
  if (process.getuid?.() !== 0 || findProgram(['apt-get']) === undefined) return false
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  return run('apt-get', ['update']) && run('apt-get', install)
}

/**
 * Runs a command with its output in sight.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {boolean} whether it ended with 0
 */
export function run(command, args) {
  console.log(`> ${[command, ...args].join(' ')}`)
  const quiet = {
    DEBIAN_FRONTEND: 'noninteractive',
    RUNLEVEL: '1', // in it, Debian does not start the servers that it installs
    PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000', // gives up at once where there is no network
  }
  const env = { ...process.env, ...quiet }
  return spawnSync(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}
