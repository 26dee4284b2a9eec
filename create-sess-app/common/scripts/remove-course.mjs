// `npm run remove-course` removes the course: its folder, its tests, its packages, and every line that names it. The app
// is then the one that `create-sess-app --lean` makes. Everything else stays as you left it.
//
//   npm run remove-course              stops when git could not bring back what it removes
//   npm run remove-course -- --force   removes it anyway
// @ts-check
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const REMOVED = ['app/(course)', 'e2e/course', 'scripts/remove-course.mjs']

/** @type {Record<string, (text: string) => string>} */
const EDITED = {
  'app/page.tsx': withoutLines,
  'next.config.ts': withoutLines,
  'lib/session/session-data.ts': withoutLines,
  'README.md': (text) => withoutLines(text.replace(/\n## The course\n[\s\S]*?(?=\n## |$)/, '')),
  '.env.example': (text) => text.replace(/\n# ── Course ──[\s\S]*$/, ''),
  'package.json': withoutPackages,
}

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { values } = parseArgs({ options: { force: { type: 'boolean' } } })
const problem = values.force ? undefined : whatGitLacks()
if (problem) {
  console.error(`Nothing was removed. ${problem}\nTo remove the course anyway, add -- --force.`)
  process.exitCode = 1
} else {
  for (const path of REMOVED) rmSync(path, { recursive: true, force: true })
  for (const [path, edit] of Object.entries(EDITED)) edited(path, edit)
  // Next generated types for the pages of the course.
  for (const folder of ['.next/types', '.next/dev/types']) rmSync(folder, { recursive: true, force: true })
  console.log('The course is removed. Install again to remove its packages too.')
}

/** What the owner of the app should do first, or undefined: git has everything that is removed. */
function whatGitLacks() {
  const paths = [...REMOVED, ...Object.keys(EDITED)]
  const { status, stdout } = spawnSync(
    'git',
    ['status', '--porcelain', '--untracked-files=all', '--', ...paths],
    {
      encoding: 'utf8',
    },
  )
  if (status !== 0) return 'This folder has no git repository that could bring the course back.'
  return stdout === '' ? undefined : `Commit your changes in these files first:\n${stdout.trimEnd()}`
}

/**
 * @param {string} path
 * @param {(text: string) => string} edit
 */
function edited(path, edit) {
  /** @type {string} */
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return // you have removed it
  }
  const isCrlf = text.includes('\r\n')
  const result = edit(text.replaceAll('\r\n', '\n'))
  writeFileSync(path, isCrlf ? result.replaceAll('\n', '\r\n') : result)
}

/**
 * Removes each line that names the course.
 * @param {string} text
 */
function withoutLines(text) {
  return text.replace(/^.*(?:\(course\)|<CourseLink).*\n/gm, '')
}

/** @param {string} text */
function withoutPackages(text) {
  const manifest = JSON.parse(text)
  delete manifest.scripts?.['remove-course']
  for (const name of Object.keys(manifest.devDependencies ?? {})) {
    if (/^(?:tailwindcss$|@tailwindcss\/|@fontsource-variable\/|shiki$|@axe-core\/)/.test(name))
      delete manifest.devDependencies[name]
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}
