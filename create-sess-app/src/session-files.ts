import { withoutCourse } from './course'
import { plainProxy } from './plain-proxy'
import { withStores } from './store-table'
import { isFileOfStores, type StoreId } from './stores'
import { type AppFile, blobOf, type Template } from './template'

export const SESSION_FOLDER = 'lib/session'
/** Lists the files that this command wrote, so that a later version can tell what you changed. */
export const SESSION_MANIFEST = 'manifest.json'
/** Owned by the app: `upgrade` never touches it. */
export const SESSION_DATA = 'session-data.ts'
/** The list with one line for each store of the app. */
export const INSTALLED_STORES = 'stores/installed.ts'

export interface SessionManifest {
  readonly version: string
  readonly stores: readonly StoreId[]
  /** Path in the folder → the result of `git hash-object` for the file as it was written. */
  readonly files: Readonly<Record<string, string>>
}

interface SessionChoices {
  readonly stores: readonly StoreId[]
  /** Whether `session-data.ts` keeps the lines that name the course. */
  readonly sessionData: 'course' | 'lean'
}

/** The files of `lib/session`, by their path in it, without the stores that are not chosen; the manifest is the last. */
export function sessionFiles(template: Template, { stores, sessionData }: SessionChoices): AppFile[] {
  const prefix = `repo/${SESSION_FOLDER}/`
  const files = Object.keys(template.manifest.files)
    .filter((source) => source.startsWith(prefix))
    .map((source) => ({ source, path: source.slice(prefix.length) }))
    .filter(({ path }) => isFileOfStores(path, stores))
    .map(({ source, path }) => ({ path, text: render(path, source) }))
  const manifest: SessionManifest = {
    version: template.manifest.version,
    stores,
    files: Object.fromEntries(files.map(({ path, text }) => [path, blobOf(text)])),
  }
  return [...files, { path: SESSION_MANIFEST, text: `${JSON.stringify(manifest, null, 2)}\n` }]

  function render(path: string, source: string): string {
    if (path === INSTALLED_STORES) return withStores(template.read(source), stores)
    const text = template.read(source)
    return path === SESSION_DATA && sessionData === 'lean' ? withoutCourse(text) : text
  }
}

/** The two files beside `app` that join `lib/session` to Next, for an app that has none. */
export function entryFiles(
  template: Template,
  sessionModule: string,
): { proxy: string; instrumentation: string } {
  // An app that is there has a policy of its own, or none: ours would stop its scripts.
  const proxy = plainProxy(template.read('repo/proxy.ts')).replace("'@/lib/session'", `'${sessionModule}'`)
  return { proxy, instrumentation: template.read('repo/instrumentation.ts') }
}
