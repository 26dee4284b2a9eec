import { leaveOnInterruption } from './cleanup'
import { CliError } from './errors'
import type { Options } from './flags'
import type { NextApp } from './next-app'
import { versionOf } from './package-json'
import { addArguments, type PackageManagerName } from './package-managers'
import { runQuietly } from './processes'
import type { Report } from './report'
import { shellLine } from './shell'
import { CORE_PACKAGES, type StoreId, storeOf } from './stores'
import type { Manifest } from './template'
import { isOlder, majorOf } from './versions'

/** What a copy of `lib/session` needs and its app does not have: `name@version`. */
export interface MissingPackages {
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
}

/**
 * The packages to install. One that is there in a version of the same major, and not older, stays as it is.
 * @throws {CliError} when the app uses another major version of one: neither side could work with the other's
 */
export function missingPackages(
  manifest: Manifest,
  { packages }: NextApp,
  stores: readonly StoreId[],
): MissingPackages {
  const wanted = [...CORE_PACKAGES, ...stores.flatMap((id) => storeOf(id).packages)]
  const types = stores.flatMap((id) => storeOf(id).typePackages)
  const clashes = [...wanted, ...types].filter((name) => {
    const major = packages[name] === undefined ? undefined : majorOf(packages[name])
    return major !== undefined && major !== majorOf(versionOf(manifest, name))
  })
  if (clashes.length > 0) {
    const list = clashes.map(
      (name) => `${name} ${packages[name]} (sess is made for ${versionOf(manifest, name)})`,
    )
    throw new CliError(
      `This app uses other versions of what lib/session needs: ${list.join(', ')}. Bring the app to these versions first.`,
    )
  }
  const missing = (names: readonly string[]) =>
    [...new Set(names)]
      .filter((name) => isMissing(name))
      .map((name) => `${name}@${versionOf(manifest, name)}`)
  return { dependencies: missing(wanted), devDependencies: missing(types) }

  function isMissing(name: string): boolean {
    const version = /\d+(?:\.\d+)*/.exec(packages[name] ?? '')?.[0]
    if (packages[name] !== undefined && version === undefined) return false // a tag, a link: somebody's choice
    return version === undefined || isOlder(version, versionOf(manifest, name))
  }
}

/** The commands that install them, as a person would type them. */
export function installCommands(
  packageManager: PackageManagerName,
  { dependencies, devDependencies }: MissingPackages,
): string[][] {
  return [
    ...(dependencies.length > 0 ? [addArguments(packageManager, dependencies, false)] : []),
    ...(devDependencies.length > 0 ? [addArguments(packageManager, devDependencies, true)] : []),
  ]
}

/**
 * Runs them. The files are written by then: what is left to do is said when one fails or is interrupted.
 * @throws {CliError}
 */
export async function runInstall(
  packageManager: PackageManagerName,
  commands: readonly string[][],
  folder: string,
  { debug }: Options,
  report: Report,
): Promise<void> {
  const again = commands.map((args) => shellLine(packageManager, args)).join(' && ')
  leaveOnInterruption(`The files are complete; the packages are not. Get them with: ${again}`)
  try {
    await report.step(`Installing with ${packageManager}`, `Installed with ${packageManager}`, async () => {
      for (const args of commands) await runQuietly(packageManager, args, { cwd: folder, debug })
    })
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(
      `${error.message}\n\nThe files are complete; the packages are not. Try again with: ${again}`,
      { cause: error },
    )
  }
}
