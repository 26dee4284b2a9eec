import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { CliError, codeOf } from './errors'
import { shortList } from './report'

/** Whether a file may replace a symbolic link, as with `create --force`. */
export interface LinkRule {
  readonly mayReplaceLinks?: boolean
}

/**
 * Every command checks with this that it writes, removes and restores only inside the folder. It checks the text of each
 * path and where the path's symbolic links lead. A link to a place inside the folder is followed.
 *
 * It checks once, before the command changes anything. It does not notice a program that replaces a folder with a link
 * afterwards; such a program can write to the app anyway.
 * @param folder the app; it may be a symbolic link itself, because the user named it
 * @throws {CliError} that names every path outside the folder
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
  if (root === undefined) return // a folder that does not exist has no links
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
 * Whether the text of a path stays in its folder on every system: no `..`, no absolute path, no backslash, no Windows drive
 * or stream, no control character, and nothing in `.git` or `node_modules`.
 */
function staysInside(path: string): boolean {
  return path !== '' && path.split(sep).every(isPlainPart)
}

function isPlainPart(part: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression looks for them
  if (part === '' || /[\\:\u0000-\u001f\u007f]/.test(part)) return false
  if (/[. ]$/.test(part)) return false // `.` and `..`; Windows ignores a space or dot at the end, so `.. ` is `..`
  return !isClosed(part)
}

/** Folders that belong to git or to the package manager. */
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
    return undefined // nothing is there, or a file is in the way of a folder; writing reports it
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
