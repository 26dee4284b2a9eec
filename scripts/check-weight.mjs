// How much JavaScript a visitor's first page brings along, beside an empty page of `create-next-app`: both are built here
// and now with the same Next.js. Fails when a page is more than LIMIT heavier. Next's build output says which files a page
// loads; the browser tests see that no page loads anything from elsewhere.
// @ts-check
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { makeEmptyApp } from './empty-app.mjs'

/** A page may be this much heavier than the empty one. */
const LIMIT = 0.15

/**
 * @typedef {object} Weight
 * @property {string} route
 * @property {number} gzip bytes
 * @property {number} raw bytes
 */

/**
 * The pages beside the empty one, as lines to print.
 * @param {Weight} empty
 * @param {readonly Weight[]} pages
 * @returns {{ lines: string[], tooHeavy: string[] }}
 */
export function compare(empty, pages) {
  /** @param {Weight} page */
  const row = ({ route, gzip, raw }) => [
    route,
    kilobytes(gzip),
    percent(gzip / empty.gzip - 1),
    kilobytes(raw),
    percent(raw / empty.raw - 1),
  ]
  const rows = [
    ['first-load JavaScript', 'gzip', '', 'raw', ''],
    ['empty create-next-app', kilobytes(empty.gzip), '', kilobytes(empty.raw), ''],
    ...pages.map(row),
  ]
  const isTooHeavy = (/** @type {Weight} */ { gzip, raw }) =>
    gzip > empty.gzip * (1 + LIMIT) || raw > empty.raw * (1 + LIMIT)
  return { lines: align(rows), tooHeavy: pages.filter(isTooHeavy).map(({ route }) => route) }
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`
}

/** @param {number} share */
function percent(share) {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} %`
}

/**
 * The first column to the left, figures to the right.
 * @param {string[][]} rows
 */
function align(rows) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
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

function main() {
  const [empty] = buildEmptyApp()
  if (empty === undefined) throw new Error('The empty app has no page.')
  const { lines, tooHeavy } = compare(empty, build('.'))
  console.log(lines.join('\n'))
  if (tooHeavy.length > 0) {
    console.error(`More than ${LIMIT * 100} % heavier than an empty page: ${tooHeavy.join(', ')}`)
    process.exitCode = 1
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
