// `lib/session` is made to be copied whole: this copies it alone into a fresh Next.js app, installs the packages that it
// imports, type-checks and builds the app, and sees a page count visits.
// @ts-check
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { makeEmptyApp } from './empty-app.mjs'

const START_LIMIT_MS = 30_000

const PAGE = `import { Suspense } from 'react'
import { getSession } from '@/lib/session'

async function Visits() {
  const session = await getSession<{ visits: number }>()
  return <p>{\`visits: \${session.get('visits', 0)}\`}</p>
}

export default function Page() {
  return (
    <Suspense>
      <Visits />
    </Suspense>
  )
}
`

const ROUTE = `import { getSession } from '@/lib/session'

export async function POST() {
  const session = await getSession<{ visits: number }>()
  session.update('visits', (visits = 0) => visits + 1)
  await session.save()
  return new Response(null, { status: 204 })
}
`

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'sess-copy-'))
const app = join(folder, 'app')

try {
  makeApp()
  run('npm', ['install', '--no-audit', '--no-fund', '--save-exact', ...packagesToInstall()], app)
  run('npx', ['next', 'build'], app) // type-checks too
  await seePageCount()
  console.log('lib/session works in a fresh app.')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function makeApp() {
  makeEmptyApp(app, { cacheComponents: true })
  cpSync('lib/session', join(app, 'lib', 'session'), { recursive: true })
  writeFileSync(join(app, 'app', 'page.tsx'), PAGE)
  mkdirSync(join(app, 'app', 'count'))
  writeFileSync(join(app, 'app', 'count', 'route.ts'), ROUTE)
}

/** What `lib/session` imports, in this repository's versions; a package that is missing here breaks the copy. */
function packagesToInstall() {
  const known = { ...manifest.devDependencies, ...manifest.dependencies }
  const imported = new Set(globSync('lib/session/**/*.ts').flatMap(importsOf))
  const names = [...imported].filter((name) => !['next', 'react'].includes(name))
  for (const name of names) {
    if (known[name] === undefined)
      throw new Error(`lib/session imports ${name}, which package.json does not list.`)
  }
  const types = names.map((name) => `@types/${name}`).filter((name) => known[name] !== undefined)
  return [...names, ...types].map((name) => `${name}@${known[name]}`)
}

/**
 * @param {string} path
 * @returns {string[]} package names
 */
function importsOf(path) {
  const specifiers = readFileSync(path, 'utf8').matchAll(
    /(?:^import |\bfrom |\bimport\()'([^'.\n][^'\n]*)'/gm,
  )
  return [...specifiers]
    .map(([, specifier = '']) => specifier)
    .filter((specifier) => !specifier.startsWith('node:') && !builtinModules.includes(specifier))
    .map((specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'))
}

async function seePageCount() {
  const server = spawn('npx', ['next', 'start', '--hostname', 'localhost', '--port', '0'], {
    cwd: app,
    env: { ...process.env, NODE_ENV: 'production', SESSION_SECRET: randomBytes(32).toString('base64url') },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own: npx would not pass a signal on to Next
  })
  /** @type {string[]} */
  const errors = []
  createInterface({ input: server.stderr }).on('line', (line) => {
    console.error(line)
    if (/Error\b/.test(line)) errors.push(line)
  })
  try {
    const url = await addressOf(server)
    let cookie = ''
    for (const expected of ['visits: 0', 'visits: 1', 'visits: 2']) {
      const page = await (await fetch(url, { headers: { cookie } })).text()
      if (!page.includes(`<p>${expected}</p>`))
        throw new Error(`The page does not say "${expected}":\n${page}`)
      const saved = await fetch(`${url}/count`, { method: 'POST', headers: { cookie } })
      cookie = saved.headers
        .getSetCookie()
        .map((line) => line.split(';', 1)[0])
        .join('; ')
    }
    if (errors.length > 0) throw new Error('The pages are right, but the server printed the errors above.')
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid, 'SIGKILL')
  }
}

/**
 * @param {import('node:child_process').ChildProcess & { stdout: import('node:stream').Readable }} server
 * @returns {Promise<string>}
 */
function addressOf(server) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('The copy did not start in time.')), START_LIMIT_MS)
    server.once('exit', (code) => reject(new Error(`The copy ended with ${code} before it was ready.`)))
    createInterface({ input: server.stdout }).on('line', (line) => {
      const url = /Local:\s+(http:\S+)/.exec(line)?.[1]
      if (url === undefined) return
      clearTimeout(limit)
      resolve(url)
    })
  })
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  console.log(`> ${command} ${args.join(' ')}`)
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
  const child = spawnSync(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] })
  if (child.status !== 0) throw new Error(`${command} ${args[0]} failed.`)
}
