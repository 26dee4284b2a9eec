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
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { onFailure, undoAll } from './cleanup'
import { CliError, codeOf, inWords } from './errors'
import type { AppFile } from './template'

/** A file that only its owner may read, such as one with a secret. */
export interface PrivateFile extends AppFile {
  readonly isPrivate?: boolean
}

/** In a folder that is otherwise empty for a person: they belong to an editor, a system or a repository. */
const HARMLESS = new Set(['.git', '.DS_Store', '.idea', '.vscode', 'Thumbs.db', 'LICENSE'])

/**
 * What of a folder an app would meet there. A path that is no folder is a file in the way.
 * @throws {CliError} for a file in the way, or a folder that cannot be read
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
  return { entries, collisions: files.map(({ path }) => path).filter((path) => isThere(join(folder, path))) }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}

/**
 * Puts an app into a folder: all of it, or nothing. The files are written beside the folder first and then moved; what
 * they replace is kept until the last one is in its place.
 */
export async function writeFiles(folder: string, files: readonly PrivateFile[]): Promise<void> {
  try {
    const made = makeFolder(folder)
    const removeMade = onFailure(() => removeEmpty(made))
    // In the folder itself, so that a move is a rename on one disk; its parent may not be ours to write to.
    const staging = mkdtempSync(join(folder, '.create-sess-app-'))
    const removeStaging = onFailure(() => rmSync(staging, { recursive: true, force: true }))
    await stage(join(staging, 'new'), files)
    await moveIn(join(staging, 'new'), join(staging, 'old'), folder, files)
    rmSync(staging, { recursive: true, force: true })
    removeStaging()
    removeMade()
  } catch (error) {
    undoAll()
    throw inWords(error, `Cannot write to ${folder}`)
  }
}

async function stage(folder: string, files: readonly PrivateFile[]): Promise<void> {
  for (const { path, text, isPrivate } of files) {
    await turn()
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
): Promise<void> {
  const forgets: (() => void)[] = []
  for (const { path } of files) {
    await turn()
    const target = join(folder, path)
    const made = makeFolder(dirname(target))
    forgets.push(onFailure(() => removeEmpty(made)))
    if (isThere(target)) {
      const kept = join(old, path)
      mkdirSync(dirname(kept), { recursive: true })
      renameSync(target, kept)
      forgets.push(onFailure(() => renameSync(kept, target)))
    }
    renameSync(join(from, path), target)
    forgets.push(onFailure(() => rmSync(target, { force: true })))
  }
  for (const forget of forgets) forget()
}

/** Lets a signal in: between two files the command can be interrupted. */
function turn(): Promise<void> {
  return new Promise(setImmediate)
}

/** Makes a folder and those above it. @returns what was made, the deepest last */
function makeFolder(folder: string): string[] {
  const missing: string[] = []
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at)
  mkdirSync(folder, { recursive: true })
  return missing
}

function removeEmpty(folders: readonly string[]): void {
  for (const folder of [...folders].reverse()) {
    try {
      rmdirSync(folder)
    } catch {
      return // something of somebody else's is in it
    }
  }
}

/** Removes files, and the folders that are empty then. */
export function removeFiles(folder: string, paths: readonly string[]): void {
  for (const path of paths) {
    rmSync(join(folder, path), { force: true })
    removeEmpty([dirname(join(folder, path))])
  }
}
