import { SESSION_FOLDER, SESSION_MANIFEST } from './session-files'
import { type AppFile, blobOf, type Manifest, type Template } from './template'

/** The script of an app with demos that takes them out, and what it works from. */
export const REMOVE_DEMOS_SCRIPT = 'remove-demos'
export const REMOVE_DEMOS = 'scripts/remove-demos.json'

/** What makes the app with demos the lean one; `common/scripts/remove-demos.mjs` reads it. */
export interface Removal {
  /** Path → git's name for the text it was made with: what its owner changed is theirs. */
  readonly remove: Readonly<Record<string, string>>
  /** Path → the lean text, and git's name for the one it replaces; `was` is null where there was none. */
  readonly write: Readonly<Record<string, { readonly was: string | null; readonly text: string }>>
  readonly packages: readonly string[]
}

export function removal({ manifest }: Template, demo: readonly AppFile[], lean: readonly AppFile[]): string {
  const had = new Map(demo.map(({ path, text }) => [path, text]))
  const stays = new Map(lean.map(({ path, text }) => [path, text]))
  const isOurs = ({ path }: AppFile) =>
    path !== 'package.json' && path !== `${SESSION_FOLDER}/${SESSION_MANIFEST}`
  const removed = demo.filter(({ path }) => !stays.has(path))
  const written = lean.filter((file) => isOurs(file) && had.get(file.path) !== file.text)
  const plan: Removal = {
    remove: Object.fromEntries(removed.map(({ path, text }) => [path, blobOf(text)])),
    write: Object.fromEntries(
      written.map(({ path, text }) => {
        const before = had.get(path)
        return [path, { was: before === undefined ? null : blobOf(before), text }]
      }),
    ),
    packages: demoPackages(manifest),
  }
  return `${JSON.stringify(plan, null, 1)}\n`
}

/** What only the demo pages need: how their styles, fonts and listings are made, and tested. */
export function demoPackages(manifest: Pick<Manifest, 'packages'>): string[] {
  return Object.keys(manifest.packages).filter((name) =>
    /^(?:tailwindcss$|@tailwindcss\/|@fontsource-variable\/|shiki$|@axe-core\/)/.test(name),
  )
}
