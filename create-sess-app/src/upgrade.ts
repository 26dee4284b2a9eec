import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readManifest, readText } from './add'
import { onFailure } from './cleanup'
import { isOlder, quoted } from './create'
import { CliError, EXIT } from './errors'
import type { Options } from './flags'
import { gitEnvironment } from './git'
import { filesUnder, findNextApp, type NextApp } from './next-app'
import { lockedPackageManager, runningPackageManager } from './package-managers'
import { installCommands, missingPackages, runInstall } from './packages'
import type { Report } from './report'
import {
  SESSION_DATA,
  SESSION_FOLDER,
  SESSION_MANIFEST,
  type SessionManifest,
  sessionFiles,
} from './session-files'
import { type AppFile, blobOf, type Template } from './template'
import { removeFiles, writeFiles } from './write-files'

type Fate = 'added' | 'replaced' | 'merged' | 'conflict' | 'beside' | 'removed' | 'kept'

interface Change {
  readonly fate: Fate
  /** In the folder of `lib/session`. */
  readonly path: string
  /** What is written, and where when that is another place; undefined: nothing. */
  readonly text?: string
  readonly writtenTo?: string
}

const WORDS: Readonly<Record<Fate, string>> = {
  added: 'new',
  replaced: 'replaced',
  merged: 'merged with your edits',
  conflict: 'CONFLICT: both sides changed the same lines; look for <<<<<<<',
  beside:
    'yours stays: the text it came from is not in git, so nothing can be merged; the new one is beside it',
  removed: 'removed: this version has no such file',
  kept: 'kept: you changed it; this version has no such file',
}

/** Brings `lib/session` to this version. What nobody touched is replaced, what you edited is merged, nothing is lost. */
export async function upgrade(options: Options, template: Template, report: Report): Promise<object> {
  const app = findNextApp(process.cwd())
  const folder = join(app.base, SESSION_FOLDER)
  if (filesUnder(join(app.folder, folder)).length === 0) {
    throw new CliError(`This app has no ${folder}. Add sessions with: create-sess-app add`)
  }
  const present = readManifest(app)
  const { version } = template.manifest
  if (present && isOlder(version, present.version.split('.').map(Number))) {
    throw new CliError(
      `${folder} is of version ${present.version}, newer than this ${version}. Run: npx create-sess-app@latest upgrade`,
    )
  }
  const stores = present?.stores ?? []
  if (stores.length === 0) {
    throw new CliError(
      `${folder} has no ${SESSION_MANIFEST}, so nobody knows what you changed. Run create-sess-app add --force once, with your changes in git.`,
    )
  }

  const next = sessionFiles(template, { stores, sessionData: 'lean' })
  const changes = planChanges(app, folder, present as SessionManifest, next)
  const missing = missingPackages(template.manifest, app, stores)
  const packageManager =
    options.packageManager ?? lockedPackageManager(app.folder) ?? runningPackageManager(process.env)
  const commands = installCommands(packageManager, missing)
  for (const { fate, path, writtenTo } of changes)
    report.say(`${path}: ${WORDS[fate]}${writtenTo ? ` (${writtenTo})` : ''}`)

  const conflicts = changes.filter(({ fate }) => fate === 'conflict').map(({ path }) => join(folder, path))
  const result = {
    folder: app.folder,
    from: present?.version,
    to: version,
    changes: changes.map(({ fate, path }) => ({ fate, path })),
    conflicts,
    packages: [...missing.dependencies, ...missing.devDependencies],
  }
  if (options.dryRun) {
    for (const args of commands) report.say(`run ${[packageManager, ...args].map(quoted).join(' ')}`)
    report.say('Nothing was written.')
    return { ...result, dryRun: true }
  }
  await writeChanges(app, folder, changes, next)
  if (commands.length > 0 && options.install !== false) {
    await report.step(`Installing with ${packageManager}`, `Installed with ${packageManager}`, () =>
      runInstall(packageManager, commands, app.folder, options.debug),
    )
  }
  sayEnd(report, {
    changes,
    conflicts,
    version,
    commands: options.install === false ? commands : [],
    packageManager,
  })
  return result
}

function planChanges(
  app: NextApp,
  folder: string,
  present: SessionManifest,
  next: readonly AppFile[],
): Change[] {
  const at = join(app.folder, folder)
  const changes = next
    .filter(({ path }) => path !== SESSION_MANIFEST && path !== SESSION_DATA)
    .map(({ path, text }) => planChange(app.folder, at, path, text, present.files[path]))
  const gone = Object.entries(present.files)
    .filter(([path]) => path !== SESSION_DATA && !next.some((file) => file.path === path))
    .map(([path, blob]): Change | undefined => {
      const current = readText(join(at, path))
      if (current === undefined) return undefined
      return { path, fate: blobOf(current) === blob ? 'removed' : 'kept' }
    })
  return [...changes, ...gone].filter((change) => change !== undefined)
}

function planChange(
  root: string,
  at: string,
  path: string,
  text: string,
  base: string | undefined,
): Change | undefined {
  const current = readText(join(at, path))
  if (current === undefined) return { fate: 'added', path, text }
  if (current === text) return undefined
  if (blobOf(current) === base) return { fate: 'replaced', path, text }
  if (base === blobOf(text)) return undefined // you changed it, this version did not
  const baseText = base === undefined ? undefined : blobText(root, base)
  if (baseText === undefined) return { fate: 'beside', path, text, writtenTo: `${path}.new` }
  const { merged, isClean } = mergeThreeWays(current, baseText, text, path)
  return { fate: isClean ? 'merged' : 'conflict', path, text: merged }
}

/** The file as it was given to the app: what was committed of it then. Undefined: git does not have it. */
function blobText(root: string, blob: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['cat-file', 'blob', blob], {
    cwd: root,
    encoding: 'utf8',
    env: gitEnvironment(),
  })
  return status === 0 ? stdout : undefined
}

/** git's own merge, on three files of a temporary folder. */
function mergeThreeWays(
  yours: string,
  base: string,
  theirs: string,
  path: string,
): { merged: string; isClean: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'create-sess-app-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const forget = onFailure(remove)
  try {
    const files = Object.entries({ yours, base, theirs }).map(([name, text]) => {
      const file = join(folder, name)
      writeFileSync(file, text)
      return file
    })
    const labels = [`${path} (yours)`, `${path} (before)`, `${path} (new)`].flatMap((label) => ['-L', label])
    const { status, error } = spawnSync('git', ['merge-file', '--diff3', ...labels, ...files], {
      env: gitEnvironment(),
    })
    // git answers the number of conflicts; from 128 on, and below 0, something went wrong.
    if (error || status === null || status >= 128)
      throw new CliError(`git merge-file failed on ${path}.`, { cause: error })
    return { merged: readFileSync(files[0] as string, 'utf8'), isClean: status === 0 }
  } finally {
    remove()
    forget()
  }
}

async function writeChanges(
  app: NextApp,
  folder: string,
  changes: readonly Change[],
  next: readonly AppFile[],
): Promise<void> {
  const files = changes
    .filter((change): change is Change & { text: string } => change.text !== undefined)
    .map(({ path, writtenTo = path, text }) => ({ path: join(folder, writtenTo), text }))
  const manifest = next
    .filter(({ path }) => path === SESSION_MANIFEST)
    .map(({ path, text }) => ({ path: join(folder, path), text }))
  await writeFiles(app.folder, [...files, ...manifest])
  removeFiles(
    app.folder,
    changes.filter(({ fate }) => fate === 'removed').map(({ path }) => join(folder, path)),
  )
}

function sayEnd(
  report: Report,
  end: {
    changes: readonly Change[]
    conflicts: readonly string[]
    version: string
    commands: readonly string[][]
    packageManager: string
  },
): void {
  if (end.changes.length === 0)
    report.say(`lib/session is as version ${end.version} has it, but for your edits.`)
  else report.say(`\nlib/session is at version ${end.version}.`)
  for (const args of end.commands) report.say([end.packageManager, ...args].map(quoted).join(' '))
  if (end.conflicts.length === 0) return
  process.exitCode = EXIT.failed
  report.say(`Resolve the conflicts, then run the type checker: ${end.conflicts.join(', ')}`)
}
