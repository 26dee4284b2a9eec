// Brings up servers to work and test with: Redis, two memcached, PostgreSQL, on free ports of this machine alone.
//
//   node scripts/servers.mjs        starts them, prints their variables and stays until Ctrl-C
//   node scripts/servers.mjs redis  only this one
//   node scripts/servers.mjs redis -- next dev
//                                  runs a command with a Redis of its own, unless REDIS_URL names one already
//   node scripts/servers.mjs --for cookie -- next dev
//                                  the same with the servers that SESSION_STORE needs; cookie, where it is not set
//
// With --announce, `npm run sessions -- doctor --dev` finds the servers while the command runs (announced-servers.mjs).
// `npm test` does the same by itself. A process of its own keeps the servers, and stops them when it is told to or when
// the process that started it is gone, however that one ended.
// @ts-check
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { announce } from './announced-servers.mjs'
import { variablesOfFiles } from './env-files.mjs'
import { isExecutable } from './executable.mjs'
import { createProcesses, findFault } from './server-processes.mjs'
import {
  appVariableOf,
  namedServer,
  SERVERS,
  serversOfApp,
  storeNamed,
  storeVariableOf,
  variableOf,
} from './stores.mjs'

/** @typedef {import('./stores.mjs').ServerName} ServerName */
/** @typedef {Record<string, string>} Variables */

const MINUTE = 60_000
const PARENT_CHECK_MS = 250

/** How each server is called where software comes from. */
const PACKAGES = {
  redis: { executables: ['redis-server', 'valkey-server'], apt: 'redis-server', brew: 'redis' },
  memcached: { executables: ['memcached'], apt: 'memcached', brew: 'memcached' },
  postgres: { executables: ['postgres'], apt: 'postgresql', brew: 'postgresql@17' },
}

/** Where packages put each version of PostgreSQL, without putting it on the PATH. */
const POSTGRES_HOMES = [
  { parent: '/usr/lib/postgresql', name: /^\d/ },
  { parent: '/usr', name: /^pgsql-/ },
  { parent: '/opt/homebrew/opt', name: /^postgresql@/ },
  { parent: '/usr/local/opt', name: /^postgresql@/ },
]

/**
 * @typedef {object} Machine what this script asks of the machine it runs on
 * @property {Record<string, string | undefined>} env
 * @property {boolean} isRoot
 * @property {(path: string) => boolean} isExecutable
 * @property {() => string[]} postgresFolders where packages have put PostgreSQL
 * @property {(server: ServerName, value: string) => Promise<string | undefined>} findFault undefined: it answers
 * @property {(server: ServerName, executable: string) => Promise<string>} start resolves to the variable's value, once
 *   the server answers
 * @property {(command: string, args: string[], timeoutMs: number) => Promise<boolean>} run true when it exits with 0
 * @property {(servers: readonly ServerName[]) => Promise<{ values: string[] } | { problem: string }>} composeUp
 * @property {(line: string) => void} say
 */

/**
 * Every wanted server from the best place that has it: the environment, an installed program, apt, Docker.
 * @param {readonly ServerName[]} servers
 * @param {Machine} machine
 * @returns {Promise<{ variables: Variables, problem: string | undefined }>} `variables` holds what could be had
 */
export async function ensureServers(servers, machine) {
  /** @type {Variables} */
  const variables = {}
  /** @type {string[]} */
  const problems = []
  /** @type {string[]} */
  const tried = []
  const had = (
    /** @type {ServerName} */ server,
    /** @type {string} */ value,
    /** @type {string} */ source,
  ) => {
    variables[variableOf(server)] = value
    machine.say(`${server}: ${source}`)
  }

  const unnamed = servers.filter((server) => namedServer(server, machine.env) === undefined)
  for (const server of servers) {
    const named = namedServer(server, machine.env)
    if (named === undefined) continue
    // Somebody chose this one: testing with another in its place would be a lie.
    const fault = await machine.findFault(server, named.value)
    if (fault === undefined) had(server, named.value, named.variable)
    else problems.push(`${named.variable} names a server that cannot be used: ${fault}`)
  }

  let missing = await startInstalled(unnamed, machine, had, tried)
  const absent = missing.filter((server) => findExecutable(server, machine) === undefined)
  if (absent.length > 0 && machine.isRoot && onPath('apt-get', machine)) {
    await installByApt(absent, machine, tried)
    const broken = missing.filter((server) => !absent.includes(server))
    missing = [...broken, ...(await startInstalled(absent, machine, had, tried))]
  }
  if (missing.length > 0 && onPath('docker', machine)) {
    machine.say(`> docker compose up ${missing.join(' ')}`)
    const up = await machine.composeUp(missing)
    if ('problem' in up) tried.push(up.problem)
    else for (const server of missing.splice(0)) had(server, up.values.shift() ?? '', 'docker compose')
  }
  if (missing.length > 0) problems.push(explain(missing, tried))
  return { variables, problem: problems.length > 0 ? problems.join('\n') : undefined }
}

/**
 * @param {readonly ServerName[]} servers
 * @param {Machine} machine
 * @param {(server: ServerName, value: string, source: string) => void} had
 * @param {string[]} tried
 * @returns {Promise<ServerName[]>} those that are not installed, or do not start
 */
async function startInstalled(servers, machine, had, tried) {
  const started = await Promise.all(
    servers.map(async (server) => {
      const executable = findExecutable(server, machine)
      if (executable === undefined) return false
      try {
        had(server, await machine.start(server, executable), executable)
        return true
      } catch (error) {
        tried.push(`${executable} does not start: ${error instanceof Error ? error.message : error}`)
        return false
      }
    }),
  )
  return servers.filter((_, index) => !started[index])
}

/**
 * @param {readonly ServerName[]} servers
 * @param {Machine} machine
 * @param {string[]} tried
 */
async function installByApt(servers, machine, tried) {
  const packages = servers.map((server) => PACKAGES[server].apt)
  const label = `apt-get install ${packages.join(' ')}`
  machine.say(`> ${label}`)
  const installed =
    (await machine.run('apt-get', ['update'], 3 * MINUTE)) &&
    (await machine.run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], 10 * MINUTE))
  tried.push(`${label}: ${installed ? 'ran' : 'failed'}`)
}

/**
 * The program of a server: on the PATH, or the newest PostgreSQL of the package manager. PostgreSQL needs `initdb`
 * beside it.
 * @param {ServerName} server
 * @param {Pick<Machine, 'env' | 'isExecutable' | 'postgresFolders'>} machine
 */
export function findExecutable(server, machine) {
  if (server !== 'postgres') {
    return PACKAGES[server].executables
      .map((name) => onPath(name, machine))
      .find((path) => path !== undefined)
  }
  const version = (/** @type {string} */ folder) => Number(/\d+(?:\.\d+)?/.exec(folder)?.[0] ?? 0)
  const packaged = machine.postgresFolders().sort((one, other) => version(other) - version(one))
  const folder = [...pathFolders(machine), ...packaged].find((each) =>
    ['initdb', 'postgres'].every((name) => machine.isExecutable(join(each, name))),
  )
  return folder && join(folder, 'postgres')
}

/** @param {Pick<Machine, 'env'>} machine */
function pathFolders({ env }) {
  return (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
}

/**
 * @param {string} name
 * @param {Pick<Machine, 'env' | 'isExecutable'>} machine
 */
function onPath(name, machine) {
  return pathFolders(machine)
    .map((folder) => join(folder, name))
    .find((path) => machine.isExecutable(path))
}

/**
 * @param {readonly ServerName[]} missing
 * @param {string[]} tried
 */
function explain(missing, tried) {
  const names = (/** @type {'apt' | 'brew'} */ manager) =>
    missing.map((server) => PACKAGES[server][manager]).join(' ')
  return [
    `The tests need ${missing.join(', ')}, which could not be found, installed or started.`,
    ...tried.map((line) => `  tried   ${line}`),
    'Get what is missing in one of these ways:',
    `  apt     sudo apt-get install ${names('apt')}`,
    `  brew    brew install ${names('brew')}`,
    '  docker  start Docker, with its compose plugin: the tests take the servers from compose.yaml',
    `or name servers that run: ${missing.map((server) => `${variableOf(server)}=…`).join(' ')}`,
  ].join('\n')
}

/**
 * Starts the servers in a process of their own.
 * @param {readonly ServerName[]} servers
 * @returns {Promise<{ variables: Variables, problem: string | undefined, stop: () => Promise<void> }>}
 */
export async function startServers(servers) {
  if (servers.length === 0) return { variables: {}, problem: undefined, stop: async () => {} }
  const keeper = fork(fileURLToPath(import.meta.url), servers, {
    detached: true, // an interrupt from the terminal must not stop the servers before the tests
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(keeper, 'exit')
  /** @type {{ variables: Variables, problem: string | undefined }} */
  const { variables, problem } = await Promise.race([
    once(keeper, 'message').then(([message]) => message),
    exited.then(() => ({ variables: {}, problem: 'The servers could not be started.' })),
  ])
  return {
    variables,
    problem,
    async stop() {
      keeper.kill('SIGTERM')
      await exited
    },
  }
}

/**
 * The process that keeps the servers.
 * @param {readonly ServerName[]} servers
 */
async function keep(servers) {
  const parent = process.ppid
  const processes = createProcesses()
  /** @type {Promise<void> | undefined} */
  let stopping
  const stop = (/** @type {number} */ exitCode) => {
    stopping ??= processes.stop().finally(() => process.exit(exitCode))
  }
  // What fails because everything is being stopped is no news.
  const say = (/** @type {string} */ line) => stopping || console.log(line)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0))
  setInterval(() => process.ppid !== parent && stop(0), PARENT_CHECK_MS)

  try {
    const { variables, problem } = await ensureServers(servers, thisMachine(processes, say))
    if (stopping) return
    if (process.send) {
      process.send({ variables, problem })
    } else if (problem === undefined) {
      printUse(variables)
    } else {
      console.error(problem)
      stop(1)
    }
  } catch (error) {
    if (stopping) return
    console.error(error)
    stop(1)
  }
}

/**
 * Runs a command of the app with the servers it needs, those that nothing names brought up for as long as it runs.
 * @param {readonly ServerName[]} servers
 * @param {string[]} command
 * @param {Record<string, string | undefined>} env what the environment and the env files say
 * @param {{ set?: Variables, isAnnounced?: boolean }} [options] `set`: more variables for the command
 * @returns {Promise<number>} its exit code
 */
async function runWith(servers, command, env, { set = {}, isAnnounced = false } = {}) {
  const unnamed = servers.filter((server) => namedServer(server, env) === undefined)
  const { variables, problem, stop } = await startServers(unnamed)
  let withdraw = () => {}
  try {
    if (problem !== undefined) {
      console.error(problem)
      const names = unnamed.map((server) => `${appVariableOf(server)}=…`).join(' ')
      console.error(`SESSION_STORE asks for it. The app takes one that runs from ${names}`)
      return 1
    }
    const values = Object.fromEntries(
      servers.map((server) => [
        appVariableOf(server),
        variables[variableOf(server)] ?? namedServer(server, env)?.value ?? '',
      ]),
    )
    if (isAnnounced && unnamed.length > 0) {
      withdraw = announce(process.cwd(), { SESSION_STORE: env.SESSION_STORE ?? '', ...set, ...values })
    }
    const child = spawnProgram(command, { ...process.env, ...set, ...values })
    // A terminal interrupts the command by itself; the servers stay until it has ended.
    process.on('SIGINT', () => {})
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
      process.on(signal, () => child.kill(signal))
    const [code] = await once(child, 'exit')
    return code ?? 1
  } finally {
    withdraw()
    await stop()
  }
}

/**
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 */
function spawnProgram([program = '', ...args], env) {
  // On Windows what npm installs is a .cmd file, which only a shell runs.
  if (process.platform === 'win32') {
    return spawn([program, ...args].join(' '), { stdio: 'inherit', env, shell: true })
  }
  return spawn(program, args, { stdio: 'inherit', env })
}

/**
 * Runs a command with the servers that the app's configuration asks for.
 * @param {import('./stores.mjs').Store} madeWith the store of an app whose SESSION_STORE is not set
 * @param {string[]} command
 * @param {boolean} isAnnounced
 */
function runForApp(madeWith, command, isAnnounced) {
  const env = { ...variablesOfFiles(process.cwd()), ...process.env }
  // A clone has no .env.local: the script then says what the app was made with.
  const isSaid = Boolean(env.SESSION_STORE?.trim()) || madeWith === 'cookie'
  const set = isSaid ? undefined : { SESSION_STORE: storeVariableOf(madeWith) }
  return runWith(serversOfApp(env, madeWith), command, env, { ...(set ? { set } : {}), isAnnounced })
}

/** @param {Variables} variables */
function printUse(variables) {
  const { TEST_REDIS_URL: redis, TEST_MEMCACHED_SERVERS: memcached, TEST_POSTGRES_URL: postgres } = variables
  console.log('\nFor vitest and playwright by hand:')
  console.log(
    `export ${Object.entries(variables)
      .map(([name, value]) => `${name}='${value}'`)
      .join(' ')}`,
  )
  console.log('\nFor the app:')
  if (redis) console.log(`SESSION_STORE=redis REDIS_URL='${redis}' npm run dev`)
  if (memcached) console.log(`SESSION_STORE=memcached MEMCACHED_SERVERS='${memcached}' npm run dev`)
  if (postgres) console.log(`SESSION_STORE=database DATABASE_URL='${postgres}' npm run dev`)
  console.log('\nCtrl-C stops them.')
}

/**
 * This machine. Built on demand: importing the file asks the system nothing.
 * @param {ReturnType<typeof createProcesses>} processes
 * @param {(line: string) => void} say
 * @returns {Machine}
 */
function thisMachine(processes, say) {
  return {
    env: process.env,
    isRoot: process.getuid?.() === 0,
    isExecutable,
    postgresFolders: () =>
      POSTGRES_HOMES.flatMap(({ parent, name }) =>
        (existsSync(parent) ? readdirSync(parent) : [])
          .filter((entry) => name.test(entry))
          .map((entry) => join(parent, entry, 'bin')),
      ),
    findFault,
    start: processes.start,
    run: processes.install,
    composeUp: processes.composeUp,
    say,
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [before, command] = splitAt('--', process.argv.slice(2))
  const { values, positionals: names } = parseArgs({
    args: before,
    options: { for: { type: 'string' }, announce: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const unknown = names.find((name) => !SERVERS.some((server) => server === name))
  const wanted = SERVERS.filter((server) => names.length === 0 || names.includes(server))
  if (unknown !== undefined) {
    console.error(`${unknown} is none of the servers: ${SERVERS.join(', ')}.`)
    process.exitCode = 1
  } else if (values.for !== undefined) {
    process.exitCode = await runForApp(storeNamed(values.for, '--for'), command, values.announce)
  } else if (command.length > 0) {
    const env = { ...variablesOfFiles(process.cwd()), ...process.env }
    process.exitCode = await runWith(wanted, command, env, { isAnnounced: values.announce })
  } else {
    keep(wanted)
  }
}

/**
 * @param {string} separator
 * @param {string[]} args
 * @returns {[before: string[], after: string[]]}
 */
function splitAt(separator, args) {
  const at = args.indexOf(separator)
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)]
}
