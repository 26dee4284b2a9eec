// Makes what is published from the repository itself: `dist`, the bundled command, and `template`, the files of an app.
// The template is what git tracks, never what lies on the disk, without the paths that are the repository's own.
// @ts-check
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { findDenied, REPO_ONLY } from './pack-list.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const template = join(here, 'template')

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter(Boolean)
const own = tracked.filter((path) => !REPO_ONLY.some((pattern) => pattern.test(path)))
const sources = [
  ...own.map((path) => ({ source: `repo/${path}`, path: join(root, path) })),
  ...overlay('lean'),
  ...overlay('common'),
]
const denied = findDenied(sources.map(({ source }) => source))
if (denied.length > 0) {
  throw new Error(
    `These must not be published: ${denied.join(', ')}. Remove them from git, or name them in pack-list.mjs.`,
  )
}

rmSync(template, { recursive: true, force: true })
const files = sources.map(({ source, path }) => {
  const content = readFileSync(path)
  const copy = join(template, ...source.split('/').map((part) => part.replace(/^\./, '_dot_')))
  mkdirSync(dirname(copy), { recursive: true })
  writeFileSync(copy, content)
  const blob = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
  return { source, blob }
})
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const { dependencies, devDependencies, allowScripts } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)
const { node, ...packages } = { ...devDependencies, ...dependencies }
writeFileSync(
  join(template, 'manifest.json'),
  `${JSON.stringify({ version, node, packages, installScripts: allowScripts, files }, null, 1)}\n`,
)
cpSync(join(root, 'LICENSE'), join(here, 'LICENSE'))

rmSync(join(here, 'dist'), { recursive: true, force: true })
await build({
  absWorkingDir: here,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.mjs',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  define: { VERSION: JSON.stringify(version) },
  // What is bundled was written for `require`.
  banner: {
    js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)",
  },
  logLevel: 'warning',
})

/** @param {string} name */
function overlay(name) {
  const folder = `create-sess-app/${name}/`
  return tracked
    .filter((path) => path.startsWith(folder))
    .map((path) => ({ source: `${name}/${path.slice(folder.length)}`, path: join(root, path) }))
}
