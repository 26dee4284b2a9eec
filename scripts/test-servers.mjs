// The servers that tests need: Redis, two memcached and PostgreSQL. Where a variable names one, tests use that one.
//
//   npm run servers                starts all, prints their variables and stays until Ctrl-C
//   npm run servers -- redis       only this one
// @ts-check
import { once } from 'node:events'
import { connect } from 'node:net'
import { basename } from 'node:path'
import { findProgram, installByApt } from './programs.mjs'
import { SERVERS as HOW, startServer } from './servers.mjs'
import { appVariableOf, namedServer, SERVERS, variableOf } from './stores.mjs'

/** @typedef {import('./servers.mjs').ServerName} ServerName */
/** @typedef {{ variables: Record<string, string>, problem: string | undefined, stop: () => Promise<void> }} Servers */

/** One that is down must not take the sessions of the other with it; that is what two are tested for. */
const MEMCACHED_COUNT = 2
const ANSWER_LIMIT_MS = 5_000

/**
 * @param {readonly ServerName[]} names
 * @param {Record<string, string | undefined>} [env]
 * @returns {Promise<Servers>} `variables` of those that run; `problem` says why another does not
 */
export async function startServers(names, env = process.env) {
  /** @type {Record<string, string>} */
  const variables = {}
  /** @type {string[]} */
  const problems = []
  /** @type {(() => Promise<unknown>)[]} */
  const stops = []
  const started = names.filter((name) => namedServer(name, env) === undefined).map((name) => HOW[name])
  const missing = started.filter(({ programs }) => findProgram(programs) === undefined)
  if (missing.length > 0) installByApt(missing.map(({ apt }) => apt)) // at once, which is quicker than one by one
  for (const name of names) {
    try {
      variables[variableOf(name)] = await obtain(name)
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
  async function obtain(name) {
    const named = namedServer(name, env)
    if (named !== undefined) {
      await checkReachable(name, named)
      return named.value
    }
    const count = name === 'memcached' ? MEMCACHED_COUNT : 1
    const started = await Promise.all(Array.from({ length: count }, () => startServer(name)))
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
  const hosts = name === 'memcached' ? value.split(',').map((host) => `memcached://${host.trim()}`) : [value]
  if (name === 'memcached' && hosts.length < MEMCACHED_COUNT) {
    throw new Error(`${variable} names ${hosts.length} server; the tests need ${MEMCACHED_COUNT}.`)
  }
  const ports = { redis: 6379, memcached: 11211, postgres: 5432 }
  for (const host of hosts) {
    const { hostname, port } = new URL(host)
    const socket = connect({ host: hostname, port: Number(port) || ports[name] })
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) })
    } catch (error) {
      throw new Error(`${variable} names a server that cannot be reached: ${String(error)}`)
    } finally {
      socket.destroy()
    }
  }
}

if (basename(process.argv[1] ?? '') === 'test-servers.mjs') {
  const asked = process.argv.slice(2)
  const unknown = asked.find((name) => !SERVERS.some((known) => known === name))
  if (unknown !== undefined) throw new Error(`${unknown} is none of the servers: ${SERVERS.join(', ')}.`)
  const names = SERVERS.filter((name) => asked.length === 0 || asked.includes(name))
  const { variables, problem } = await startServers(names)
  if (problem !== undefined) {
    console.error(problem)
    process.exit(1)
  }
  const assignments = Object.entries(variables).map(([name, value]) => `${name}='${value}'`)
  console.log(`\nFor vitest and playwright by hand:\nexport ${assignments.join(' ')}\n\nFor the app:`)
  for (const name of names) {
    const store = name === 'postgres' ? 'database' : name
    console.log(`SESSION_STORE=${store} ${appVariableOf(name)}='${variables[variableOf(name)]}' npm run dev`)
  }
  console.log('\nCtrl-C stops them.')
}
