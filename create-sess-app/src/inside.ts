import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { CliError, codeOf } from './errors'
import { shortList } from './report'

/** What of a target may be a symbolic link: `leaf` lets a link be replaced by a file, as `create --force` says it does. */
export interface LinkRule {
  readonly mayReplaceLinks?: boolean
}

/**
 * The one check of where this command writes, removes and puts back, for every command: each path stays in the folder,
 * as it is spelt and where its symbolic links lead. A link that stays inside is followed.
 *
 * It looks once, before anything is done. A program that swaps a folder for a link in the moment after is not caught:
 * such a program can already write to the app.
 * @param folder the app; it may itself be reached by a link, for its user named it
 * @throws {CliError} that names every path that leaves
 */
export function refuseOutside(
  folder: string,
  paths: readonly string[],
  { mayReplaceLinks = false }: LinkRule = {},
): void {
  const misspelt = paths.filter((path) => !staysInside(path))
  if (misspelt.length > 0) {
    throw new CliError(
      `${shortList(misspelt.map((path) => JSON.stringify(path)))}: not a path in ${folder}. Nothing was done.`,
    )
  }
  const root = realPathOf(folder)
  if (root === undefined) return // what is not there holds no links
  const links = new Map<string, string>()
  for (const path of paths) {
    const found = linkOut(root, path.split(sep), mayReplaceLinks)
    if (found) links.set(found.link, found.to)
  }
  if (links.size === 0) return
  const list = [...links].map(([link, to]) => `${link} → ${to}`)
  throw new CliError(
    `These lead out of ${folder} by a symbolic link: ${shortList(list)}. Nothing was done. Put a real file or folder in its place, or run the command in the folder that it leads to.`,
  )
}

/**
 * Whether a path is spelt so that it stays in the folder it is taken from, on every system: no `..`, nothing absolute, no
 * backslash, no drive or stream of Windows, no control character, and nothing in a repository or among packages.
 */
export function staysInside(path: string): boolean {
  return path !== '' && path.split(sep).every(isPlainPart)
}

function isPlainPart(part: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  if (part === '' || /[\\:\u0000-\u001f\u007f]/.test(part)) return false
  if (/[. ]$/.test(part)) return false // `.` and `..`; Windows drops such an end, so that `.. ` is `..`
  return !isClosed(part)
}

/** Folders whose files are git's and the package manager's. */
function isClosed(part: string): boolean {
  return /^(?:\.git|git~\d|node_modules)$/i.test(part)
}

/** The first part of a path that is a symbolic link and leads out of the folder, or to nothing. */
function linkOut(
  root: string,
  parts: readonly string[],
  mayReplaceLinks: boolean,
): { link: string; to: string } | undefined {
  let at = root
  for (const [index, part] of parts.entries()) {
    const isTarget = index === parts.length - 1
    const path = join(at, part)
    const stats = statsOf(path)
    if (stats === undefined) return undefined
    if (!stats.isSymbolicLink()) {
      at = path
      continue
    }
    if (isTarget && mayReplaceLinks) return undefined
    const to = realPathOf(path)
    if (to === undefined || !isWithin(root, to))
      return {
        link: parts.slice(0, index + 1).join('/'),
        to: to ?? resolve(dirname(path), readlinkSync(path)),
      }
    at = to
  }
  return undefined
}

function isWithin(root: string, path: string): boolean {
  const parts = relative(root, path).split(sep)
  return parts[0] !== '..' && !parts.some(isClosed) && resolve(root, relative(root, path)) === path
}

function statsOf(path: string) {
  try {
    return lstatSync(path)
  } catch {
    return undefined // nothing is there, or a file is in the way of a folder: writing says so
  }
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' || codeOf(error) === 'ELOOP')
      return undefined
    throw error
  }
}
