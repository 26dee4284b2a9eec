import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What prepack made of the repository; see `prepack.mjs`. */
export interface Manifest {
  readonly version: string
  readonly node: string
  /** The versions that are tested together. */
  readonly packages: Readonly<Record<string, string>>
  /** Scripts of packages at installation: whether the app needs them. */
  readonly installScripts: Readonly<Record<string, boolean>>
  /** `repo/…` or `common/…`, with `/` → the beginning of git's name for the content (`git hash-object`). */
  readonly files: Readonly<Record<string, string>>
}

/** A file of an app: where it goes, and its text. */
export interface AppFile {
  /** In the app, with `/`. */
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

/** npm leaves out `.gitignore` and `.npmrc` and obeys a nested `.gitignore`, so no name in the package begins with a dot. */
export function encodePath(path: string): string {
  return path
    .split('/')
    .map((part) => part.replace(/^\./, '_dot_'))
    .join('/')
}

/** What `git hash-object` answers for a file with this text. */
export function blobOf(text: string): string {
  const content = Buffer.from(text)
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}
