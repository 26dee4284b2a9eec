// `npm run remove-demos`: takes the demo pages out, with their tests and packages. What is left is the app that
// `create-sess-app --lean` makes: one page, one test. It goes by `remove-demos.json`, and then removes both.
//
//   npm run remove-demos              refuses where you changed a file that it would replace or remove
//   npm run remove-demos -- --force   replaces and removes that too
//   npm run remove-demos -- --keep    leaves what you changed as it is
// @ts-check
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const PLAN = 'scripts/remove-demos.json'
const SESSION_DATA = 'lib/session/session-data.ts'
/** Yours to write in from the start: once you did, they stay, and nothing depends on them. */
const NOTES = ['README.md', '.env.example']

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { values } = parseArgs({ options: { force: { type: 'boolean' }, keep: { type: 'boolean' } } })
/**
 * @type {{ remove: Record<string, string>, write: Record<string, { was: string | null, text: string }>, packages: string[] }}
 */
const { remove, write, packages } = JSON.parse(readFileSync(PLAN, 'utf8'))

const changed = [
  ...Object.entries(remove).filter(([path, was]) => isChanged(path, was)),
  ...Object.entries(write).filter(([path, { was }]) => isChanged(path, was)),
].map(([path]) => path)
const inTheWay = changed.filter((path) => path !== SESSION_DATA && !NOTES.includes(path))

if (inTheWay.length > 0 && !values.force && !values.keep) {
  console.error(
    [
      'Nothing was removed. These files are the demos’, and you changed them:',
      ...inTheWay.map((path) => `  ${path}`),
      'Commit your work. Then --force replaces and removes them too, and --keep leaves them as they are.',
    ].join('\n'),
  )
  process.exitCode = 1
} else {
  const kept = new Set([...changed.filter((path) => NOTES.includes(path)), ...(values.force ? [] : inTheWay)])
  removeDemos(kept)
  for (const path of kept) console.log(`kept      ${path}, which you changed`)
  console.log(
    'The demos are gone. app/page.tsx is the page now, and lib/session/session-data.ts has the keys of the session.',
  )
  console.log(
    'Install again, so that their packages go too. Then the types tell whether your own files miss anything.',
  )
}

/** @param {ReadonlySet<string>} kept */
function removeDemos(kept) {
  for (const path of Object.keys(remove)) if (!kept.has(path)) removeFile(path)
  for (const [path, { text }] of Object.entries(write)) {
    if (kept.has(path)) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, path === SESSION_DATA && changed.includes(path) ? withVisits(path) : text)
  }
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const name of packages) delete manifest.devDependencies?.[name]
  delete manifest.scripts?.['remove-demos']
  writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`)
  removeFile(PLAN)
  // What Next generated of the demos' routes would be type-checked still.
  for (const folder of ['.next/types', '.next/dev/types']) rmSync(folder, { recursive: true, force: true })
}

/**
 * Your keys, and the one that the page counts with.
 * @param {string} path
 */
function withVisits(path) {
  const text = readFileSync(path, 'utf8')
  return /^\s*visits\??:/m.test(text)
    ? text
    : text.replace(/(interface SessionData\s*\{)/, '$1\n  visits: number')
}

/**
 * Whether a file is another one than the app was made with; one that is gone is not.
 * @param {string} path
 * @param {string | null} was git's name for its text; null: there was none
 */
function isChanged(path, was) {
  if (!existsSync(path)) return false
  const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n')
  const content = Buffer.from(text)
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex') !== was
}

/**
 * With the folders that it leaves empty.
 * @param {string} path
 */
function removeFile(path) {
  rmSync(path, { force: true })
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    if (!existsSync(folder)) continue
    if (readdirSync(folder).length > 0) return
    rmdirSync(folder)
  }
}
