import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { letSignalsIn, onFailure, undoAll } from './cleanup'
import { CliError, codeOf, inWords, STAGING_PREFIX } from './errors'
import { type LinkRule, refuseOutside } from './inside'
import type { AppFile } from './template'

/** A file that may be readable only for its owner, such as one with a secret. */
export interface PrivateFile extends AppFile {
  readonly isPrivate?: boolean
}

/** Files of an editor, a system or a repository. A folder with only these counts as empty. */
const HARMLESS = new Set(['.git', '.DS_Store', '.idea', '.vscode', 'Thumbs.db', 'LICENSE'])

/**
 * The entries of a folder, and which files of the app exist there already.
 * @throws {CliError} for a file in the way of a folder, a folder in the way of a file, or a folder that cannot be read
 */
export function findObstacles(
  folder: string,
  files: readonly AppFile[],
): { entries: string[]; collisions: string[] } {
  let entries: string[]
  try {
    entries = readdirSync(folder).filter((name) => !HARMLESS.has(name))
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && !isThere(folder)) return { entries: [], collisions: [] }
    if (codeOf(error) === 'ENOTDIR' && isThere(folder))
      throw new CliError(`${folder} is a file. Choose another name, or move it away.`)
    if (codeOf(error) === 'ENOENT')
      throw new CliError(`${folder} is a symbolic link to nothing. Choose another name, or remove it.`)
    throw inWords(error, `Cannot read ${folder}`)
  }
  refuseOutside(folder, pathsOf(files), REPLACES_LINKS)
  refuseOtherKinds(folder, files)
  return { entries, collisions: files.map(({ path }) => path).filter((path) => isThere(join(folder, path))) }
}

/** With --force, a file of the new app replaces a link in its place. The link's target stays unchanged. */
export const REPLACES_LINKS: LinkRule = { mayReplaceLinks: true }

function pathsOf(files: readonly AppFile[]): string[] {
  return files.map(({ path }) => path)
}

/** A file may replace a file. It never replaces a folder, and a folder never replaces a file. */
function refuseOtherKinds(folder: string, files: readonly AppFile[]): void {
  // The loop also visits what it adds to the set: the folders above, up to `.`.
  const folders = new Set(files.map(({ path }) => dirname(path)))
  for (const path of folders) folders.add(dirname(path))
  const foldersInTheWay = files.map(({ path }) => join(folder, path)).filter((path) => isFolder(path))
  if (foldersInTheWay[0])
    throw new CliError(`${foldersInTheWay[0]} is a folder, and the app needs a file there. Move it away.`)
  const filesInTheWay = [...folders]
    .map((path) => join(folder, path))
    .filter((path) => isThere(path) && !isFolder(path))
  if (filesInTheWay[0])
    throw new CliError(`${filesInTheWay[0]} is a file, and the app needs a folder there. Move it away.`)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** True for a link to nothing, too. */
export function isThere(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}

/**
 * Writes and removes files of an app: all of them or none. It first writes the files to a temporary folder and then moves
 * them. It keeps replaced and removed files until the last file is in its place. Then it removes empty folders.
 * @throws {CliError} before anything is done, when a path leaves the folder
 */
export async function changeFiles(
  folder: string,
  files: readonly PrivateFile[],
  { removed = [], ...links }: LinkRule & { readonly removed?: readonly string[] } = {},
): Promise<void> {
  try {
    refuseOutside(folder, [...pathsOf(files), ...removed], links)
    refuseOtherKinds(folder, files)
    const keepMade = makeFolder(folder)
    // Inside the folder, so that a move is a rename on one disk. The parent may not be writable.
    const staging = mkdtempSync(join(folder, STAGING_PREFIX))
    const keepStaging = onFailure(() => removeStaging(staging))
    await stage(join(staging, 'new'), files)
    const forgets: (() => void)[] = []
    await moveIn(join(staging, 'new'), join(staging, 'old'), folder, files, forgets)
    await moveOut(join(staging, 'old'), folder, removed, forgets)
    await letSignalsIn() // after the last change too: from here on nothing can be undone
    for (const forget of forgets) forget()
    rmSync(staging, { recursive: true, force: true })
    keepStaging()
    keepMade()
    for (const path of removed) removeEmpty([dirname(join(folder, path))])
  } catch (error) {
    undoAll()
    throw inWords(error, `Cannot write to ${folder}`)
  }
}

async function stage(folder: string, files: readonly PrivateFile[]): Promise<void> {
  for (const { path, text, isPrivate } of files) {
    await letSignalsIn()
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text, isPrivate ? { mode: 0o600 } : {})
    if (isPrivate) chmodSync(target, 0o600)
  }
}

async function moveIn(
  from: string,
  old: string,
  folder: string,
  files: readonly PrivateFile[],
  forgets: (() => void)[],
): Promise<void> {
  // A top folder that does not exist yet is moved as a whole.
  const whole = [...new Set(files.map(({ path }) => path.split('/', 1)[0] ?? path))].filter(
    (name) => !isThere(join(folder, name)),
  )
  for (const name of whole) {
    await letSignalsIn()
    renameSync(join(from, name), join(folder, name))
    forgets.push(onFailure(() => rmSync(join(folder, name), { recursive: true, force: true })))
  }
  for (const { path } of files) {
    if (whole.includes(path.split('/', 1)[0] ?? path)) continue
    await letSignalsIn()
    const target = join(folder, path)
    forgets.push(makeFolder(dirname(target)))
    if (isThere(target)) forgets.push(setAside(target, join(old, path)))
    renameSync(join(from, path), target)
    forgets.push(onFailure(() => rmSync(target, { force: true })))
  }
}

/** Moves removed files aside, so that they can be restored. */
async function moveOut(
  old: string,
  folder: string,
  paths: readonly string[],
  forgets: (() => void)[],
): Promise<void> {
  for (const path of paths) {
    await letSignalsIn()
    if (isThere(join(folder, path))) forgets.push(setAside(join(folder, path), join(old, path)))
  }
}

function setAside(target: string, kept: string): () => void {
  mkdirSync(dirname(kept), { recursive: true })
  renameSync(target, kept)
  return onFailure(() => renameSync(kept, target))
}

/** Makes a folder and the folders above it. @returns a function that keeps them even when the command fails later */
function makeFolder(folder: string): () => void {
  const missing: string[] = []
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.push(at)
  const keep = onFailure(() => removeEmpty(missing))
  mkdirSync(folder, { recursive: true })
  return keep
}

/** @param folders the deepest first */
function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder)
    } catch {
      // It was not made, or it has other files.
    }
  }
}

/** Keeps files that could not be restored, because they may be the only copy. */
function removeStaging(staging: string): void {
  const old = join(staging, 'old')
  const left = isThere(old)
    ? readdirSync(old, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
    : []
  if (left.length > 0) throw new Error(`the earlier files are in ${old}`)
  rmSync(staging, { recursive: true, force: true })
}
