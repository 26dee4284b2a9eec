import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import validateName from 'validate-npm-package-name'
import { usageError } from './errors'
import { blobOf } from './template'

export interface Project {
  /** Absolute. */
  readonly folder: string
  /** A valid npm package name. */
  readonly packageName: string
}

const LONGEST_FILE_NAME_BYTES = 255

/**
 * The folder and the package name for what the user typed: a name, a path, a scoped name (`@me/app` goes to the folder
 * `app`), or `.` for this folder. The folder keeps its name; the package gets the nearest valid npm name.
 * @throws {CliError} when there is no valid npm name near it
 */
export function projectFrom(typed: string, workingFolder: string): Project {
  const text = typed.trim().replace(/^~(?=\/|$)/, homedir()) // a prompt has no shell that expands it
  if (text === '') throw usageError('The name is empty. Give one, for example my-app.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression looks for them
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
    throw usageError(`The folder ${name} would look like a flag to other commands. Give another name.`)
  return { folder, packageName: packageNameFrom(scoped ? `${scoped[1]}/${name}` : name) }
}

/** @throws {CliError} when npm reserves the name, or no valid character is left */
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

/** A path relative to the working folder, where possible. */
export function shown(folder: string, workingFolder: string): string {
  if (folder === workingFolder) return '.'
  return folder.startsWith(join(workingFolder, '/')) ? folder.slice(workingFolder.length + 1) : folder
}

const LONGEST_PREFIX = 64

/** A SESSION_PREFIX that differs for every app name, so that two apps can share a server. */
export function prefixFor(packageName: string): string {
  if (packageName.length < LONGEST_PREFIX) return `${packageName}:`
  return `${packageName.slice(0, LONGEST_PREFIX - 9)}-${blobOf(packageName).slice(0, 7)}:`
}

/** The name of the app's containers. Docker Compose allows fewer characters than npm. */
export function composeName(packageName: string): string {
  return packageName.replace(/[^a-z0-9_-]+/g, '-').replace(/^[-_]+/, '')
}
