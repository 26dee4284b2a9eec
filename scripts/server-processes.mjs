// Starts servers as processes of its own or in containers, asks them whether they answer, and stops what it started.
// Which server comes from where is decided in servers.mjs.
// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./stores.mjs').ServerName} ServerName */
/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

const HOST = '127.0.0.1'
const START_LIMIT_MS = 30_000
const ANSWER_LIMIT_MS = 5_000
const STOP_LIMIT_MS = 5_000
const COMPOSE_LIMIT_MS = 10 * 60_000
const COMPOSE_FILE = fileURLToPath(new URL('../compose.yaml', import.meta.url))
const MEMCACHED_COUNT = 2

/** The services of compose.yaml, each with the port it has inside its container. */
const SERVICES = {
  redis: { names: ['redis'], port: 6379 },
  memcached: { names: ['memcached-1', 'memcached-2'], port: 11211 },
  postgres: { names: ['postgres'], port: 5432 },
}

/** What the app's own containers are called. */
function composeName() {
  return /^name: (\S+)$/m.exec(readFileSync(COMPOSE_FILE, 'utf8'))?.[1] ?? 'sess'
}

/** @param {ServerName} server @param {number[]} ports */
function addressOf(server, ports) {
  if (server === 'redis') return `redis://${HOST}:${ports[0]}`
  if (server === 'postgres') return `postgres://postgres@${HOST}:${ports[0]}/postgres`
  return ports.map((port) => `${HOST}:${port}`).join(',')
}

/** Processes and containers that live until `stop`, with a temporary directory for all they write. */
export function createProcesses() {
  /** @type {Map<ChildProcess, NodeJS.Signals>} */
  const running = new Map()
  /** @type {(() => Promise<unknown>)[]} */
  const cleanups = []
  const account = unprivilegedAccount()
  let stopped = false
  /** @type {string | undefined} */
  let directory

  return {
    start,
    install: (/** @type {string} */ command, /** @type {string[]} */ args, /** @type {number} */ timeoutMs) =>
      // In this runlevel Debian does not start what it has installed.
      run(command, args, { timeoutMs, env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } }),
    composeUp,
    stop,
  }

  function ownDirectory() {
    if (directory === undefined) {
      directory = mkdtempSync(join(tmpdir(), 'sess-servers-'))
      if (account) chownSync(directory, account.uid, account.gid)
    }
    return directory
  }

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {import('node:child_process').SpawnOptions} options
   * @param {NodeJS.Signals} endSignal
   */
  function spawnTracked(command, args, options, endSignal = 'SIGTERM') {
    if (stopped) throw new Error('stopped')
    // A group of its own: an interrupt from the terminal comes here alone, and everything is stopped in order.
    const child = spawn(command, args, { ...options, detached: true })
    running.set(child, endSignal)
    const forget = () => running.delete(child)
    child.once('exit', forget).once('error', forget)
    return child
  }

  /**
   * Starts an installed server and waits until it answers.
   * @param {ServerName} server
   * @param {string} executable
   * @returns {Promise<string>} what the variable of the tests says
   * @throws {Error} with the last lines it printed, when it does not start
   */
  async function start(server, executable) {
    if (server === 'postgres') await initDatabase(executable)
    const count = server === 'memcached' ? MEMCACHED_COUNT : 1
    const ports = await Promise.all(Array.from({ length: count }, () => startOne(server, executable)))
    const value = addressOf(server, ports)
    const fault = await findFault(server, value)
    if (fault !== undefined) throw new Error(fault)
    return value
  }

  /** @param {ServerName} server @param {string} executable */
  async function startOne(server, executable) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await launch(executable, launchers[server](ownDirectory(), await freePort()))
      } catch (error) {
        // Somebody may have taken the port since it was free.
        if (attempt === 3) throw error
      }
    }
  }

  /** @param {string} postgres */
  async function initDatabase(postgres) {
    const args = ['-D', join(ownDirectory(), 'postgres'), '-U', 'postgres', '--auth=trust', '--encoding=UTF8']
    const lines = linesOf(
      spawnServer(join(dirname(postgres), 'initdb'), [...args, '--locale=C', '--no-sync']),
    )
    if ((await lines.ended) !== 0) throw new Error(`initdb failed: ${lines.last()}`)
  }

  /**
   * @param {string} executable
   * @param {string[]} args
   * @param {Record<string, string>} env
   * @param {NodeJS.Signals} endSignal
   */
  function spawnServer(executable, args, env = {}, endSignal = 'SIGTERM') {
    const options = { cwd: ownDirectory(), env: { ...process.env, LC_ALL: 'C', ...env }, ...account }
    return spawnTracked(executable, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }, endSignal)
  }

  /**
   * @param {string} executable
   * @param {Launch} launch
   * @returns {Promise<number>} the port, once the server itself says that it listens there
   */
  async function launch(executable, { args, env, endSignal, listeningPort }) {
    const child = spawnServer(executable, args, env, endSignal)
    const lines = linesOf(child)
    const limit = performance.now() + START_LIMIT_MS
    while (lines.exitCode() === undefined && performance.now() < limit) {
      const port = listeningPort(lines.all)
      if (port !== undefined) return port
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    child.kill('SIGKILL')
    const ending = lines.exitCode() === undefined ? `not ready after ${START_LIMIT_MS} ms` : 'ended at once'
    throw new Error(`${ending}: ${lines.last()}`)
  }

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {{ timeoutMs: number, env?: Record<string, string>, isQuiet?: boolean }} options
   */
  async function run(command, args, { timeoutMs, env = {}, isQuiet = false }) {
    const output = isQuiet ? 'ignore' : 'inherit'
    const options = { env: { ...process.env, ...env }, timeout: timeoutMs }
    const child = spawnTracked(command, args, { ...options, stdio: ['ignore', output, output] })
    return (await linesOf(child).ended) === 0
  }

  /**
   * Starts the services of compose.yaml, on ports that Docker picks, beside those a developer has running.
   * @param {readonly ServerName[]} servers
   * @returns {Promise<{ values: string[] } | { problem: string }>} one value for each server
   */
  async function composeUp(servers) {
    const quiet = { timeoutMs: 60_000, isQuiet: true }
    if (!(await run('docker', ['compose', 'version'], quiet))) return { problem: 'docker has no compose' }
    if (!(await run('docker', ['info'], quiet))) return { problem: 'no docker daemon answers' }
    const services = servers.flatMap((server) => SERVICES[server].names)
    const compose = ['compose', '-f', COMPOSE_FILE, '-p', `${composeName()}-test-${process.pid}`]
    const env = { REDIS_PORT: '', MEMCACHED_1_PORT: '', MEMCACHED_2_PORT: '', POSTGRES_PORT: '' }
    const timeoutMs = COMPOSE_LIMIT_MS
    cleanups.push(() => exitOf(spawn('docker', [...compose, 'down', '--volumes'], { stdio: 'ignore' })))
    if (!(await run('docker', [...compose, 'up', '-d', '--wait', ...services], { timeoutMs, env }))) {
      return { problem: 'docker compose up failed' }
    }
    const values = []
    for (const server of servers) {
      const { names, port } = SERVICES[server]
      const ports = await Promise.all(names.map((name) => publishedPort(compose, name, port)))
      const fault = await findFault(server, addressOf(server, ports))
      if (fault !== undefined) return { problem: `${server} in docker does not answer: ${fault}` }
      values.push(addressOf(server, ports))
    }
    return { values }
  }

  /** @param {string[]} compose @param {string} service @param {number} port */
  async function publishedPort(compose, service, port) {
    const args = [...compose, 'port', service, String(port)]
    const lines = linesOf(spawnTracked('docker', args, { stdio: ['ignore', 'pipe', 'pipe'] }))
    await lines.ended
    return Number(/:(\d+)$/.exec(lines.all[0] ?? '')?.[1])
  }

  /** Stops, by its process id, each process that still runs, and removes what they wrote. */
  async function stop() {
    stopped = true
    await Promise.all([...running].map(([child, signal]) => end(child, signal)))
    await Promise.all(cleanups.map((cleanup) => cleanup()))
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * @typedef {object} Launch
 * @property {string[]} args
 * @property {Record<string, string>} [env]
 * @property {NodeJS.Signals} [endSignal]
 * @property {(lines: string[]) => number | undefined} listeningPort
 */

/** @type {Record<ServerName, (directory: string, freePort: number) => Launch>} */
const launchers = {
  redis: (directory, port) => ({
    args: ['--port', `${port}`, '--bind', HOST, '--dir', directory, '--save', '', '--appendonly', 'no'],
    listeningPort: (lines) =>
      lines.some((line) => line.includes('Ready to accept connections')) ? port : undefined,
  }),
  memcached: (directory, port) => {
    // It picks a port by itself and writes it down.
    const file = join(directory, `memcached-${port}`)
    return {
      args: ['-l', HOST, '-p', '-1', '-U', '0'],
      env: { MEMCACHED_PORT_FILENAME: file },
      listeningPort: () => {
        const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
        const picked = /^TCP INET: (\d+)$/m.exec(text)?.[1]
        return picked === undefined ? undefined : Number(picked)
      },
    }
  },
  postgres: (directory, port) => {
    // Nothing that is tested survives a crash of the machine, so nothing waits for the disk.
    const data = join(directory, 'postgres')
    const settings = [`listen_addresses=${HOST}`, `unix_socket_directories=${data}`, 'max_connections=200']
    const unsafe = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
    return {
      args: [
        ...['-D', data, '-p', `${port}`],
        ...[...settings, ...unsafe].flatMap((setting) => ['-c', setting]),
      ],
      endSignal: 'SIGINT', // it ends its clients' connections instead of waiting for them
      listeningPort: (lines) =>
        lines.some((line) => line.includes('ready to accept connections')) ? port : undefined,
    }
  },
}

/**
 * Why a server does not answer as it should; undefined when it does. Never repeats a URL: it may hold a password.
 * @param {ServerName} server
 * @param {string} value
 * @returns {Promise<string | undefined>}
 */
export async function findFault(server, value) {
  try {
    await questions[server](value)
    return undefined
  } catch (error) {
    if (error instanceof AggregateError) return error.errors.map((each) => each.message).join(', ')
    return error instanceof Error ? error.message : String(error)
  }
}

/**
 * A client is imported when its server is asked: an app with one store has the package of that one.
 * @type {Record<ServerName, (value: string) => Promise<void>>}
 */
const questions = {
  async redis(url) {
    const { createClient } = await import('@redis/client')
    const client = createClient({
      url,
      socket: { connectTimeout: ANSWER_LIMIT_MS, reconnectStrategy: false },
    })
    client.on('error', () => {}) // comes as a rejection too
    try {
      await withLimit(client.connect().then(() => client.ping()))
    } finally {
      if (client.isOpen) client.destroy()
    }
  },

  async memcached(list) {
    const servers = list.split(',').map((server) => server.trim())
    if (servers.length < MEMCACHED_COUNT) {
      throw new Error(`${servers.length} server is named; the tests need ${MEMCACHED_COUNT}`)
    }
    await Promise.all(servers.map(askMemcached))
  },

  async postgres(url) {
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_LIMIT_MS })
    client.on('error', () => {})
    try {
      await withLimit(client.connect().then(() => client.query('select 1')))
    } finally {
      await client.end()
    }
  },
}

/** @param {string} server */
async function askMemcached(server) {
  const { hostname, port } = new URL(`memcached://${server}`)
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 11211) })
  try {
    socket.write('version\r\n')
    const [answer] = await withLimit(once(socket, 'data'))
    if (!String(answer).startsWith('VERSION ')) throw new Error(`${server} is no memcached`)
  } finally {
    socket.destroy()
  }
}

/** @template T @param {Promise<T>} answer @returns {Promise<T>} */
async function withLimit(answer) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ANSWER_LIMIT_MS} ms`)), ANSWER_LIMIT_MS)
  })
  try {
    return await Promise.race([answer, /** @type {Promise<never>} */ (late)])
  } finally {
    clearTimeout(timer)
  }
}

/** PostgreSQL refuses to run as root, and no other server needs to. */
function unprivilegedAccount() {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find(([known]) => known === name) ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}

/** A port of this machine that nobody listens on now. */
export async function freePort() {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** @param {ChildProcess} child */
function linesOf(child) {
  /** @type {string[]} */
  const all = []
  /** @type {number | undefined} */
  let code
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      all.push(
        ...String(chunk)
          .split('\n')
          .filter((line) => line.trim() !== ''),
      )
      all.splice(0, all.length - 200) // a server that talks for hours
    })
  }
  const ended = exitOf(child).catch((error) => {
    all.push(error.message)
    return 1
  })
  ended.then((exitCode) => {
    code = exitCode
  })
  return { all, ended, exitCode: () => code, last: () => all.slice(-5).join(' | ') || 'it printed nothing' }
}

/** @param {ChildProcess} child @returns {Promise<number>} */
function exitOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

/** @param {ChildProcess} child @param {NodeJS.Signals} signal */
async function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
  await exited
  clearTimeout(timer)
}
