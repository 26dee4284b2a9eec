import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import validateName from 'validate-npm-package-name'
import { usageError } from './errors'
import { blobOf } from './template'

export interface Project {
  /** Absolute. */
  readonly folder: string
  /** A name that npm takes. */
  readonly packageName: string
}

const LONGEST_FILE_NAME_BYTES = 255

/**
 * Folder and package name from what was typed: a name, a path, a scoped name (`@me/app` goes to the folder `app`), or
 * `.` for this folder. A folder may be called what it likes; the package gets the nearest name that npm takes.
 * @throws {CliError} for a name that cannot be made into one
 */
export function projectFrom(typed: string, workingFolder: string): Project {
  const text = typed.trim().replace(/^~(?=\/|$)/, homedir()) // no shell was there to do it
  if (text === '') throw usageError('The name is empty. Give one, for example my-app.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  if (/[\u0000-\u001f\u007f]/.test(text)) {
    throw usageError(`${JSON.stringify(text)} contains control characters. Give another name.`)
  }
  const scoped = /^(@[^/\\]+)\/([^/\\]+)\/?$/.exec(text)
  const folder = resolve(workingFolder, scoped?.[2] ?? text)
  const name = basename(folder)
  if (name === '') throw usageError(`${text} is the root of the disk. Give a folder in it.`)
  if (Buffer.byteLength(name) > LONGEST_FILE_NAME_BYTES) {
    throw usageError(
      `The name has ${Buffer.byteLength(name)} bytes; a folder's name has at most ${LONGEST_FILE_NAME_BYTES}. Give a shorter one.`,
    )
  }
  if (name.startsWith('-'))
    throw usageError(`The folder ${name} would read as a flag to other commands. Give another name.`)
  return { folder, packageName: packageNameFrom(scoped ? `${scoped[1]}/${name}` : name) }
}

/** @throws {CliError} when npm keeps the name for itself, or nothing is left of it */
function packageNameFrom(name: string): string {
  const [scope, rest] = name.startsWith('@') && name.includes('/') ? name.split('/', 2) : [undefined, name]
  const plain = plainName(rest ?? '')
  const packageName = scope === undefined ? plain : `@${plainName(scope)}/${plain}`
  const { validForNewPackages, errors = [], warnings = [] } = validateName(packageName)
  if (validForNewPackages) return packageName
  throw usageError(
    `${JSON.stringify(name)} cannot be the name of a package: ${[...errors, ...warnings].join('; ')}. Give another name, for example my-app.`,
  )
}

/** `My App` → `my-app`, `naïve` → `naive`. */
function plainName(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-._]+|-+$/g, '')
}

/** A path as a person would type it from here. */
export function shown(folder: string, workingFolder: string): string {
  if (folder === workingFolder) return '.'
  return folder.startsWith(join(workingFolder, '/')) ? folder.slice(workingFolder.length + 1) : folder
}

const LONGEST_PREFIX = 64

/** A value of SESSION_PREFIX that no app of another name has, so that two can share a server. */
export function prefixFor(packageName: string): string {
  if (packageName.length < LONGEST_PREFIX) return `${packageName}:`
  return `${packageName.slice(0, LONGEST_PREFIX - 9)}-${blobOf(packageName).slice(0, 7)}:`
}

/** What Docker Compose calls the app's containers: it takes fewer characters than npm. */
export function composeName(packageName: string): string {
  return packageName.replace(/[^a-z0-9_-]+/g, '-').replace(/^[-_]+/, '')
}
