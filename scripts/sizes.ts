// How much there is to read, to copy and to change: `npm run sizes` prints each figure beside its goal. It never fails.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRepository } from '../create-sess-app/repository.mjs'
import { appFiles } from '../create-sess-app/src/app-files'
import { sessionFiles } from '../create-sess-app/src/session-files'
import { SERVERS } from './stores.mjs'

const { manifest, read } = readRepository()
const template = { manifest, read: (source: string) => read(source).toString() }

const core = textsOf(filesIn('lib/session/core').filter((path) => path.endsWith('.ts')))
const cookieOnly = sessionFiles(template, { stores: ['cookie'], sessionData: 'lean' })
const named = SERVERS.map(placesOf)
const inEach = named[0]?.filter((path) => named.every((places) => places.includes(path))) ?? []

print([
  ['lines to read in order to trust lib/session/core', linesOf(core), 1450],
  ['  without the blank ones', linesOf(core.map(withoutBlankLines))],
  ['lines of lib/session in an app with the cookie store alone', linesOf(textsIn(cookieOnly, /\.ts$/)), 3000],
  ['files outside their folders that name every store of a server', inEach.length, 4],
  ['lines of scripts/', linesOf(textsOf(filesIn('scripts'))), 2200],
  ['  those that an app has because its store needs a server', linesOf(scriptsForServers()), 150],
])
console.log(`Every store of a server is named in ${inEach.join(', ')}`)
for (const [index, kind] of SERVERS.entries()) {
  const others = named[index]?.filter((path) => !inEach.includes(path)) ?? []
  console.log(`${kind} also in ${others.join(', ') || 'no file'}`)
}

/** Code outside its folder that names a store, and would have to name a new one. Comments, tests and documents do not count. */
function placesOf(kind: string): string[] {
  const name = new RegExp(`\\b${kind}`, 'i')
  return ['lib/session', 'scripts', 'create-sess-app/src']
    .flatMap(filesIn)
    .filter((path) => /\.(?:ts|mjs)$/.test(path) && !/^scripts\/(?:test|newcomer)/.test(path))
    .filter((path) => !path.startsWith(`lib/session/stores/${kind}/`))
    .filter((path) =>
      name.test(readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')),
    )
}

/** The scripts of an app with a server that one with files does not have. */
function scriptsForServers(): string[] {
  const [withFiles, withServer] = ['file' as const, ...SERVERS].map((store) =>
    appFiles(template, {
      ...{ packageName: 'app', packageManager: 'npm', course: false, avoidTouch: false, pinNode: false },
      ...{ store, stores: [store] },
    }),
  )
  const shared = new Set(withFiles?.map(({ path }) => path))
  return textsIn(withServer?.filter(({ path }) => !shared.has(path)) ?? [], /^scripts\//)
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function textsOf(paths: readonly string[]): string[] {
  return paths.map((path) => readFileSync(path, 'utf8'))
}

function textsIn(files: readonly { path: string; text: string }[], pattern: RegExp): string[] {
  return files.filter(({ path }) => pattern.test(path)).map(({ text }) => text)
}

function linesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.split('\n').length - 1, 0)
}

function withoutBlankLines(text: string): string {
  return text.replace(/^\s*\n/gm, '')
}

function print(rows: readonly (readonly [what: string, figure: number, goal?: number])[]): void {
  for (const [what, figure, goal] of rows) {
    const beside = goal === undefined ? '' : `goal ≤ ${goal}${figure > goal ? ', not reached' : ''}`
    console.log(`${what.padEnd(64)}${String(figure).padStart(6)}  ${beside}`.trimEnd())
  }
}
