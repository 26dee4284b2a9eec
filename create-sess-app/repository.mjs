// The repository as a template of apps: what git tracks, never what lies on the disk, without what is the repository's own.
// @ts-check
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findDenied, REPO_ONLY } from './pack-list.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)

/**
 * @returns {{ manifest: import('./src/template.ts').Manifest, read: (source: string) => Buffer }}
 * @throws when git tracks what must not be published
 */
export function readRepository() {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter(Boolean)
  const own = tracked.filter((path) => !REPO_ONLY.some((pattern) => pattern.test(path)))
  /** @type {Map<string, string>} */
  const paths = new Map([
    ...own.map((path) => /** @type {const} */ ([`repo/${path}`, path])),
    ...overlay(tracked),
  ])
  const denied = findDenied([...paths.keys()])
  if (denied.length > 0) {
    throw new Error(
      `These must not be published: ${denied.join(', ')}. Remove them from git, or name them in pack-list.mjs.`,
    )
  }

  const read = (/** @type {string} */ source) => readFileSync(join(root, paths.get(source) ?? source))
  const files = Object.fromEntries([...paths.keys()].map((source) => [source, shortBlobOf(read(source))]))
  const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
  const { dependencies, devDependencies, allowScripts } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const { node, ...packages } = { ...devDependencies, ...dependencies }
  return { manifest: { version, node, packages, installScripts: allowScripts, files }, read }
}

/**
 * The beginning of what `git hash-object` returns, as short as git abbreviates: hashes do not compress.
 * @param {Buffer} content
 */
function shortBlobOf(content) {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex').slice(0, 7)
}

/**
 * The files that every app has and the repository does not.
 * @param {readonly string[]} tracked
 */
function overlay(tracked) {
  const folder = 'create-sess-app/common/'
  return tracked
    .filter((path) => path.startsWith(folder))
    .map((path) => /** @type {const} */ ([`common/${path.slice(folder.length)}`, path]))
}
