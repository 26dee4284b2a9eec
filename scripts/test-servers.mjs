// The servers that tests need: Redis, two memcached and PostgreSQL. Where a variable names one, the tests use that one.
//
//   npm run servers                starts all, prints their variables and stays until Ctrl-C
//   npm run servers -- redis       only this one
// @ts-check
import { once } from 'node:events'
import { connect } from 'node:net'
import { basename } from 'node:path'
import { findProgram, installByApt } from './programs.mjs'
import { SERVERS as HOW, startServer } from './servers.mjs'
import { namedServer, SERVERS, storeVariableOf, VARIABLES, variableOf } from './stores.mjs'

/** @typedef {import('./stores.mjs').ServerName} ServerName */

const ANSWER_LIMIT_MS = 5_000

/** Where the variable is a list of hosts, tests see what happens when one of two is down. */
const countOf = (/** @type {ServerName} */ name) => (HOW[name].url === 'HOST' ? 2 : 1)

/**
 * @param {readonly ServerName[]} names
 * @param {Record<string, string | undefined>} [env]
 * @returns {Promise<{ variables: Record<string, string>, problem: string | undefined, stop: () => Promise<void> }>}
 *   `variables` of the servers that run; `problem` says why another does not
 */
export async function startServers(names, env = process.env) {
  const absent = names.filter((name) => !namedServer(name, env) && !findProgram(HOW[name].programs))
  if (absent.length > 0) installByApt(absent.map((name) => HOW[name].apt)) // at once is quicker than one by one
  /** @type {(() => Promise<unknown>)[]} */
  const stops = []
  /** @type {Record<string, string>} */
  const variables = {}
  /** @type {string[]} */
  const problems = []
  for (const name of names) {
    try {
      const named = namedServer(name, env)
      if (named) await checkReachable(name, named)
      variables[variableOf(name)] = named?.value ?? (await start(name))
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
    }
  }
  return {
    variables,
    problem: problems.length > 0 ? problems.join('\n') : undefined,
    stop: async () => void (await Promise.all(stops.map((stop) => stop()))),
  }

  /** @param {ServerName} name @returns {Promise<string>} what the variable of the tests says */
  async function start(name) {
    const started = await Promise.all(Array.from({ length: countOf(name) }, () => startServer(name)))
    stops.push(...started.map(({ stop }) => stop))
    return started.map(({ url }) => url).join()
  }
}

/**
 * The message never has the URL, which may hold a password.
 * @param {ServerName} name
 * @param {{ variable: string, value: string }} named
 * @throws {Error} when nothing listens there
 */
async function checkReachable(name, { variable, value }) {
  const urls = HOW[name].url === 'HOST' ? value.split(',').map((host) => `tcp://${host.trim()}`) : [value]
  if (urls.length < countOf(name))
    throw new Error(`${variable} names ${urls.length} server; the tests need ${countOf(name)}.`)
  for (const url of urls) {
    const { hostname, port } = URL.parse(url) ?? {}
    if (!hostname)
      throw new Error(
        `${variable} names no host; the tests need a URL with one, and cannot use a Unix socket.`,
      )
    const socket = connect(Number(port) || Number.parseInt(HOW[name].container, 10), hostname)
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) })
    } catch (error) {
      throw new Error(`${variable} names a server that cannot be reached: ${error}`)
    } finally {
      socket.destroy()
    }
  }
}

if (basename(process.argv[1] ?? '') === 'test-servers.mjs') {
  const asked = process.argv.slice(2)
  const names = SERVERS.filter((name) => asked.length === 0 || asked.includes(name))
  const { variables, problem } = await startServers(names)
  if (problem !== undefined || names.length < asked.length) {
    console.error(problem ?? `The servers are ${SERVERS.join(', ')}.`)
    process.exit(1)
  }
  const assignments = Object.entries(variables).map(([name, value]) => `${name}='${value}'`)
  console.log(`\nFor vitest and playwright by hand:\nexport ${assignments.join(' ')}\n\nFor the app:`)
  for (const name of names) {
    const value = variables[variableOf(name)]
    console.log(`SESSION_STORE=${storeVariableOf(name)} ${VARIABLES[name].ofApp}='${value}' npm run dev`)
  }
  console.log('\nCtrl-C stops them.')
}
