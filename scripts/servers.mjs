// Starts Redis, memcached or PostgreSQL on a free port of 127.0.0.1: a program of this machine, else one of Debian's packages
// (as root), else a container. `npm run dev` starts what SESSION_STORE needs, unless a variable names a server that runs:
//   node scripts/servers.mjs --for redis [--announce] -- next dev
//
// --for: the store where SESSION_STORE is not set. --announce: for `npm run sessions -- doctor --dev`.
// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import getPort from 'get-port'
import { variablesOfFiles } from './env-files.mjs'
import { findProgram, installByApt } from './programs.mjs'
import { SERVERS as NAMES, VARIABLES } from './stores.mjs'

const NOBODY = 65534 // PostgreSQL and memcached refuse to run as root
const START_LIMIT_MS = 300_000 // Docker may have to load the image
const ANNOUNCED = 'node_modules/.cache/sess/servers.json'
const REDIS = '--save "" --appendonly no'
const POSTGRES = '-c max_connections=200 -c fsync=off -c synchronous_commit=off -c full_page_writes=off'

/** @typedef {import('./stores.mjs').ServerName} ServerName */
/** `start` is a line of shell, where $0 is the program; `container` is what Docker runs in its place. */
export const SERVERS = {
  redis: {
    url: 'redis://HOST',
    programs: ['redis-server', 'valkey-server'],
    apt: 'redis-server',
    start: `exec "$0" --bind 127.0.0.1 --port $PORT ${REDIS}`,
    container: `6379 redis:8 redis-server ${REDIS}`,
    ready: /Ready to accept connections/,
  },
  memcached: {
    url: 'HOST',
    programs: ['memcached'],
    apt: 'memcached',
    start: 'exec "$0" -l 127.0.0.1 -p $PORT -U 0 -vv', // without -vv it does not say when it listens
    container: '11211 memcached:1.6-alpine memcached -vv',
    ready: /server listening/,
  },
  postgres: {
    url: 'postgres://postgres@HOST/postgres',
    programs: ['initdb'], // stands beside `postgres`
    apt: 'postgresql',
    start: `"$0" -D data -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync &&
      exec "$(dirname "$0")/postgres" -D data -h 127.0.0.1 -p $PORT -k "$PWD" ${POSTGRES}`,
    container: `5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres:17 ${POSTGRES}`,
    ready: /listening on IPv4[\s\S]*ready to accept connections/,
  },
}

/** Runs a server until the input of this shell closes: at `stop`, or when the process that started it ends in any way. */
const GUARD = `exec 3<&0 2>/dev/null; /bin/sh -c "$START" "$PROGRAM" 3<&- 2>&1 & server=$!
(read -r _ <&3; eval "$STOP") & watcher=$!; wait $server; kill $watcher; wait; cd /; rm -rf "$FOLDER"`

/**
 * @param {ServerName} name
 * @param {number} attempts each on another port, where another process took the one that was free
 * @returns {Promise<{ variable: string, url: string, stop: () => Promise<unknown> }>} once the server is ready
 * @throws {Error} with what it printed, and what to install
 */
export async function startServer(name, attempts = 3) {
  const { url, programs, apt, start, container, ready } = SERVERS[name]
  if (!findProgram(programs)) installByApt([apt])
  const PROGRAM = findProgram(programs) ?? findProgram(['docker']) ?? programs.join(' or ')
  const isContainer = basename(PROGRAM) === 'docker'
  const FOLDER = mkdtempSync(join(tmpdir(), 'sess-server-'))
  const PORT = String(await getPort({ host: '127.0.0.1' }))
  const START = isContainer ? `exec "$0" run --rm --name $ID -p 127.0.0.1:$PORT:${container}` : start
  const STOP = isContainer ? '"$PROGRAM" stop $ID || kill $server' : 'kill -INT $server; kill $server'
  const account = process.getuid?.() === 0 && !isContainer ? { uid: NOBODY, gid: NOBODY } : undefined
  if (account) chownSync(FOLDER, account.uid, account.gid)
  const child = spawn('/bin/sh', ['-c', GUARD], {
    cwd: FOLDER,
    env: { ...process.env, LC_ALL: 'C', PROGRAM, FOLDER, ID: basename(FOLDER), PORT, START, STOP },
    detached: true, // an interrupt from the terminal stops the command that uses the server, and not the server
    ...account,
  })
  const exited = once(child, 'exit')
  let output = ''
  const isReady = new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-4000)
      if (ready.test(output)) resolve(true)
    })
    setTimeout(resolve, START_LIMIT_MS).unref()
  })
  const stop = () => {
    child.stdin.end()
    return exited
  }
  if ((await Promise.race([isReady, exited])) === true) {
    console.log(`${name}: started ${PROGRAM} on 127.0.0.1:${PORT}`)
    return { variable: VARIABLES[name].ofApp, url: url.replace('HOST', `127.0.0.1:${PORT}`), stop }
  }
  await stop()
  if (attempts > 1 && /already (?:in use|allocated)/.test(output)) return startServer(name, attempts - 1)
  throw new Error(`${name} does not start: ${output.trim()}
Install it (apt-get install ${apt}), or start Docker. The app takes one that runs from ${VARIABLES[name].ofApp}=…`)
}

/**
 * The servers that an app needs and no variable names.
 * @param {Record<string, string | undefined>} env
 * @param {string} madeWith the store of an app that does not set SESSION_STORE
 */
export function serversNeeded(env, madeWith) {
  const stores = [env.SESSION_STORE?.trim() || madeWith, env.SESSION_MIGRATE_FROM?.trim()]
  if (madeWith === 'postgres' && stores.includes('database')) stores.push('postgres') // any other app means SQLite
  return NAMES.filter((name) => stores.includes(name) && !env[VARIABLES[name].ofApp]?.trim())
}

/** @param {string} madeWith @param {boolean} isAnnounced @param {string[]} command */
async function runWithServers(madeWith, isAnnounced, [program = '', ...args]) {
  const said = { ...variablesOfFiles('.'), ...process.env }
  const servers = await Promise.all(serversNeeded(said, madeWith).map((name) => startServer(name)))
  const variables = Object.fromEntries(servers.map(({ variable, url }) => [variable, url]))
  // Next reads SESSION_STORE from the .env files itself. A clone has none: there the `dev` script says it.
  if (!said.SESSION_STORE?.trim() && madeWith !== 'cookie')
    variables.SESSION_STORE = madeWith.replace(/^(sqlite|postgres)$/, 'database')
  const seen = { SESSION_STORE: said.SESSION_STORE ?? '', ...variables }
  if (isAnnounced && servers.length > 0) {
    mkdirSync(dirname(ANNOUNCED), { recursive: true })
    const note = JSON.stringify({ folder: process.cwd(), pid: process.pid, variables: seen })
    writeFileSync(ANNOUNCED, note, { mode: 0o600 })
    const isOurs = () => existsSync(ANNOUNCED) && readFileSync(ANNOUNCED, 'utf8') === note
    process.once('exit', () => isOurs() && rmSync(ANNOUNCED)) // a later run in this folder writes its own
  }
  const shell = process.platform === 'win32' // npm installs commands as .cmd files there
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...variables }, shell })
  process.on('SIGINT', () => {}) // reaches the command too, which the servers must outlive
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGTERM'))
  const [code] = await once(child, 'exit')
  await Promise.all(servers.map(({ stop }) => stop()))
  process.exit(code ?? 1)
}

if (basename(process.argv[1] ?? '') === 'servers.mjs') {
  const { values, positionals } = parseArgs({
    options: { for: { type: 'string', default: 'cookie' }, announce: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  runWithServers(values.for, values.announce, positionals).catch((error) => {
    console.error(error.message)
    process.exit(1)
  })
}
