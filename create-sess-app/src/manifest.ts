import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from './errors'
import { refuseOutside } from './inside'
import { isObject, type NextApp, readJson } from './next-app'
import { shortList } from './report'
import { SESSION_FOLDER, SESSION_MANIFEST, type SessionManifest } from './session-files'
import { STORES, type StoreId } from './stores'

/** Twenty times the size of one for all stores. */
const LARGEST_BYTES = 256 * 1024

/**
 * What an earlier run wrote down, where it passes validation. A pull request can change that file, so it must not make this
 * command touch anything outside `lib/session`. A store whose files were deleted is no longer among its stores.
 * @throws {CliError} when it is damaged, when it names a file that no version of `lib/session` has, or lies behind a link
 *   that leads out of the app
 */
export function readManifest(app: NextApp): SessionManifest | undefined {
  const path = join(app.base, SESSION_FOLDER, SESSION_MANIFEST)
  refuseOutside(app.folder, [path])
  const stats = statSync(join(app.folder, path), { throwIfNoEntry: false })
  if (stats && (!stats.isFile() || stats.size > LARGEST_BYTES))
    throw damaged(path, stats.isFile() ? `it has ${stats.size} bytes` : 'it is not a file')
  const manifest = readJson(join(app.folder, path))
  if (manifest === undefined) return undefined
  const { version, stores, files } = manifest
  if (typeof version !== 'string' || !VERSION.test(version)) throw damaged(path, '"version" is not a version')
  if (!Array.isArray(stores)) throw damaged(path, '"stores" is not a list')
  const unknown = stores.filter((id) => !STORES.some((store) => store.id === id))
  if (unknown.length > 0) throw damaged(path, `"stores" has ${shortList(unknown.map(inJson))}`)
  if (!isObject(files)) throw damaged(path, '"files" is not an object')
  const foreign = Object.keys(files).filter((name) => !NAME_OF_OURS.test(name))
  if (foreign.length > 0)
    throw damaged(
      path,
      `it names ${shortList(foreign.map(inJson))}, which is not a file of ${SESSION_FOLDER}`,
    )
  const misnamed = Object.keys(files).filter((name) => !isBlob(files[name]))
  if (misnamed.length > 0) throw damaged(path, `these have no hash: ${shortList(misnamed)}`)
  const hasStore = (id: StoreId) =>
    existsSync(join(app.folder, app.base, SESSION_FOLDER, 'stores', id, 'open.ts'))
  return {
    version,
    stores: [...new Set(stores as StoreId[])].filter(hasStore),
    files: files as SessionManifest['files'],
  }
}

/** It goes to `npm pack`, which would take a path or a URL as well. */
const VERSION = /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,64})?$/

/** The files of every version of `lib/session`: TypeScript and a README, in folders at most three deep. */
const NAME_OF_OURS = /^(?:[\w-]+\/){0,3}[\w-][\w.-]*\.(?:ts|md)$/

/** It goes to `git cat-file`, which would take a name or a flag as well. */
function isBlob(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{40}$/.test(value)
}

function inJson(value: unknown): string {
  return JSON.stringify(value)
}

function damaged(path: string, why: string): CliError {
  return new CliError(
    `${path} is damaged, or another program wrote it: ${why}. Nothing was done. Restore it from git, or move it away.`,
  )
}
