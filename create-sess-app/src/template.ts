import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `prepack.mjs` makes it from the repository. */
export interface Manifest {
  readonly version: string
  readonly node: string
  /** The package versions that are tested together. */
  readonly packages: Readonly<Record<string, string>>
  /** Packages with an install script, and whether the app needs the script. */
  readonly installScripts: Readonly<Record<string, boolean>>
  /** `repo/…` or `common/…`, with `/` → the beginning of git's hash of the content (`git hash-object`). */
  readonly files: Readonly<Record<string, string>>
}

/** A file of an app. */
export interface AppFile {
  /** Relative to the app, with `/`. */
  readonly path: string
  readonly text: string
}

export interface Template {
  readonly manifest: Manifest
  read(source: string): string
}

export function openTemplate(folder: string): Template {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  return {
    manifest,
    read: (source) => readFileSync(join(folder, encodePath(source)), 'utf8'),
  }
}

/** No name in the package begins with a dot, because npm leaves out `.gitignore` and `.npmrc` and obeys a nested `.gitignore`. */
function encodePath(path: string): string {
  return path
    .split('/')
    .map((part) => part.replace(/^\./, '_dot_'))
    .join('/')
}

/** The hash that `git hash-object` prints for a file with this text. */
export function blobOf(text: string): string {
  const content = Buffer.from(text)
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}
