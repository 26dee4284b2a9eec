// How much JavaScript a visitor's first page loads, beside an empty page of `create-next-app`: both are built here and now
// with the same Next.js. Fails when a page is more than LIMIT heavier. Next's build output says which files a page loads;
// the browser tests see that no page loads anything from elsewhere.
// @ts-check
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { makeEmptyApp } from '../scripts/empty-app.mjs'

/** A page may be this much heavier than the empty one. */
const LIMIT = 0.15

/** @typedef {{ route: string, gzip: number, raw: number }} Weight sizes in bytes */

/**
 * The pages beside the empty one, as a table.
 * @param {Weight} empty
 * @param {readonly Weight[]} pages
 * @returns {{ table: Record<string, Record<string, string>>, tooHeavy: string[] }}
 */
export function compare(empty, pages) {
  const percent = (/** @type {number} */ ratio) => `${((ratio - 1) * 100).toFixed(1)} %`
  const rows = pages.map(({ route, gzip, raw }) => [
    route,
    {
      gzip: kilobytes(gzip),
      'gzip, more': percent(gzip / empty.gzip),
      raw: kilobytes(raw),
      'raw, more': percent(raw / empty.raw),
    },
  ])
  const first = { 'empty create-next-app': { gzip: kilobytes(empty.gzip), raw: kilobytes(empty.raw) } }
  const limit = 1 + LIMIT
  const tooHeavy = pages.filter(({ gzip, raw }) => gzip > empty.gzip * limit || raw > empty.raw * limit)
  return { table: { ...first, ...Object.fromEntries(rows) }, tooHeavy: tooHeavy.map(({ route }) => route) }
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`
}

/**
 * Builds an app and weighs its pages.
 * @param {string} folder
 * @returns {Weight[]}
 */
function build(folder) {
  run('npx', ['next', 'build'], folder)
  /** @type {{ route: string, firstLoadChunkPaths: string[] }[]} */
  const routes = JSON.parse(readFileSync(join(folder, '.next/diagnostics/route-bundle-stats.json'), 'utf8'))
  return routes
    .filter(({ route }) => !route.startsWith('/_'))
    .map(({ route, firstLoadChunkPaths }) => {
      const files = firstLoadChunkPaths.map((path) => readFileSync(join(folder, path)))
      const sum = (/** @type {(file: Buffer) => number} */ size) =>
        files.reduce((total, file) => total + size(file), 0)
      return { route, gzip: sum((file) => gzipSync(file).length), raw: sum((file) => file.length) }
    })
    .sort((one, other) => one.route.localeCompare(other.route))
}

/** In a folder of its own: below the repository, Next would take its proxy for that of the empty app. */
function buildEmptyApp() {
  const folder = mkdtempSync(join(tmpdir(), 'sess-weight-'))
  const app = join(folder, 'app')
  try {
    makeEmptyApp(app, { cacheComponents: false })
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    const same = ['next', 'react', 'react-dom'].map((name) => `${name}@${dependencies[name]}`)
    run('npm', ['install', '--include=dev', '--prefer-offline', '--save-exact', '--no-audit', ...same], app)
    return build(app)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${stdout}${stderr}${command} ${args[0]} failed in ${cwd}.`)
}

if (basename(process.argv[1] ?? '') === 'check-weight.mjs') {
  const [empty] = buildEmptyApp()
  if (empty === undefined) throw new Error('The empty app has no page.')
  const { table, tooHeavy } = compare(empty, build('.'))
  console.table(table)
  if (tooHeavy.length > 0) {
    console.error(`More than ${LIMIT * 100} % heavier than an empty page: ${tooHeavy.join(', ')}`)
    process.exitCode = 1
  }
}
