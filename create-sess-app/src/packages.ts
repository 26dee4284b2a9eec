import { leaveOnInterruption } from './cleanup'
import { CliError } from './errors'
import type { Options } from './flags'
import type { NextApp } from './next-app'
import { versionOf } from './package-json'
import { addArguments, type PackageManagerName } from './package-managers'
import { runQuietly } from './processes'
import type { Report } from './report'
import { shellLine } from './shell'
import { packagesOf, type StoreId, storeOf } from './stores'
import type { Manifest } from './template'
import { isOlder, majorOf, OLDEST_NODE } from './versions'

/** What a copy of `lib/session` needs and its app does not have: `name@version`. */
interface MissingPackages {
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
  const wanted = packagesOf(stores)
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
  return {
    dependencies: missing(wanted),
    devDependencies: [...missing(types), ...nodeFor(manifest, packages)],
  }

  function isMissing(name: string): boolean {
    const version = /\d+(?:\.\d+)*/.exec(packages[name] ?? '')?.[0]
    if (packages[name] !== undefined && version === undefined) return false // a tag, a link: a choice of the app
    return version === undefined || isOlder(version, versionOf(manifest, name))
  }
}

/**
 * The npm package `node`, where this machine's Node is older than sessions need: npm scripts then run that one. An app that
 * brings a Node of its own keeps it.
 */
function nodeFor(manifest: Manifest, packages: NextApp['packages']): string[] {
  const isNeeded = isOlder(process.versions.node, OLDEST_NODE) && packages.node === undefined
  return isNeeded ? [`node@${manifest.node}`] : []
}

/** What is to be said of Node, on a machine whose own is too old for the app; undefined where it is not. */
export function nodeNote({ packages }: NextApp, { devDependencies }: MissingPackages): string | undefined {
  const { node } = process.versions
  if (!isOlder(node, OLDEST_NODE)) return undefined
  const needs = `this machine runs Node ${node}, and with sessions the app needs ${OLDEST_NODE} or later`
  const brought = devDependencies.find((each) => each.startsWith('node@'))?.slice('node@'.length)
  if (brought !== undefined)
    return `${needs}: it brings Node ${brought} along as a development dependency, which its scripts run. A server that installs no development dependencies needs such a Node itself.`
  const own = /\d+(?:\.\d+)*/.exec(packages.node ?? '')?.[0]
  if (own === undefined || !isOlder(own, OLDEST_NODE)) return undefined
  return `${needs}, but its package.json has node ${packages.node}: bring that to ${OLDEST_NODE} or later, or npm run dev stops at once.`
}

/** The commands that install them, as a person would type them. */
export function installCommands(
  packageManager: PackageManagerName,
  { dependencies, devDependencies }: MissingPackages,
  folder: string,
): string[][] {
  const add = (names: readonly string[], isDevelopment: boolean) =>
    names.length > 0 ? [addArguments(packageManager, names, { isDevelopment, folder })] : []
  return [...add(dependencies, false), ...add(devDependencies, true)]
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
