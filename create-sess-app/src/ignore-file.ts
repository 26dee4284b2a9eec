import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from './add'
import { gitEnvironment } from './git'
import { withLf, withLineEndsOf } from './line-ends'
import type { NextApp } from './next-app'
import { outputOf } from './processes'
import type { AppFile } from './template'

/** Where the file store and SQLite keep sessions by default, in the folder of the app. */
const SESSIONS = ['data/sessions/', 'data/sessions.db', 'data/sessions.db-wal', 'data/sessions.db-shm']

const COMMENT =
  '# Sessions of the file store and of SQLite: not for git, nor for Tailwind, which has Next open every other file.'

/**
 * The app's `.gitignore` with the folder of sessions, whatever the first store is, because SESSION_STORE may name another
 * one later. Tailwind looks for class names in every file that no `.gitignore` names, and Turbopack then opens each of
 * them. SQLite loses its locks when its own process opens and closes the database file again.
 * @returns nothing when git ignores the folder already
 */
export function ignoreFile({ folder }: NextApp): AppFile[] {
  const current = readText(join(folder, '.gitignore'))
  const text = withLf(current ?? '')
  const line = hasOwnData(folder) ? '/data/sessions*' : '/data/'
  const isThere = text.split('\n').some((each) => /^\/?data(?:\/|\/\*\*?|\/sessions\*)?$/.test(each.trim()))
  if (isThere || SESSIONS.every((path) => isIgnored(folder, path) === true)) return []
  const separator = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n'
  return [
    {
      path: '.gitignore',
      text: (current ?? '') + withLineEndsOf(current, `${separator}${COMMENT}\n${line}\n`),
    },
  ]
}

/** Whether the app keeps other files in its folder `data`. Those stay in git. */
function hasOwnData(folder: string): boolean {
  const data = join(folder, 'data')
  const isFolder = statSync(data, { throwIfNoEntry: false })?.isDirectory() ?? false
  return isFolder && readdirSync(data).some((name) => !name.startsWith('sessions'))
}

/** Whether git ignores a path. Undefined without git or a repository. */
export function isIgnored(folder: string, path: string): boolean | undefined {
  const git = (...args: string[]) => outputOf('git', args, folder, gitEnvironment())
  if (git('rev-parse', '--is-inside-work-tree') !== 'true') return undefined
  return git('check-ignore', '-q', '--no-index', path) !== undefined
}

/** The session files that git tracks already. */
export function trackedSessions(folder: string): string[] {
  const tracked = outputOf(
    'git',
    ['ls-files', '--', 'data/sessions', 'data/sessions.db*'],
    folder,
    gitEnvironment(),
  )
  if (!tracked) return []
  return [
    ...new Set(
      tracked.split('\n').map((path) => (path.startsWith('data/sessions/') ? 'data/sessions' : path)),
    ),
  ]
}
