import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readText } from './add'
import { onFailure } from './cleanup'
import { CliError, codeOf, EXIT } from './errors'
import type { Options } from './flags'
import { gitEnvironment } from './git'
import { refuseOutside } from './inside'
import { withLf, withLineEndsOf } from './line-ends'
import { readManifest } from './manifest'
import { filesUnder, findNextApp, type NextApp } from './next-app'
import { earlierFiles } from './old-template'
import { lockedPackageManager, runningPackageManager } from './package-managers'
import { installCommands, missingPackages, nodeNote, runInstall } from './packages'
import type { Report } from './report'
import {
  SESSION_DATA,
  SESSION_FOLDER,
  SESSION_MANIFEST,
  type SessionManifest,
  sessionFiles,
} from './session-files'
import { shellLine } from './shell'
import { type AppFile, blobOf, type Template } from './template'
import { isOlder } from './versions'
import { changeFiles, isThere } from './write-files'

type Fate = 'added' | 'replaced' | 'merged' | 'conflict' | 'beside' | 'removed' | 'kept' | 'deleted'

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
    'not changed: the version you edited is neither in git nor in the registry, so it cannot be merged; the new one is beside it',
  removed: 'removed: this version has no such file',
  kept: 'kept: you changed it; this version has no such file',
  deleted: 'you deleted it, so it was not written; create-sess-app add --force writes it again',
}

/** Brings `lib/session` to this version: replaces the files that you did not change, and merges those that you edited. */
export async function upgrade(options: Options, template: Template, report: Report): Promise<object> {
  const app = findNextApp(process.cwd())
  const folder = join(app.base, SESSION_FOLDER)
  if (filesUnder(join(app.folder, folder)).length === 0) {
    throw new CliError(`This app has no ${folder}. Add sessions with: create-sess-app add`)
  }
  const present = readManifest(app)
  const { version } = template.manifest
  if (present === undefined) {
    throw new CliError(
      `${folder} has no ${SESSION_MANIFEST}, so your changes cannot be told apart. Run create-sess-app add --force once, with your changes in git.`,
    )
  }
  if (isOlder(version, present.version)) {
    throw new CliError(
      `${folder} is of version ${present.version}, newer than this ${version}. Run: npx create-sess-app@latest upgrade`,
    )
  }

  const { stores } = present
  const next = sessionFiles(template, { stores, sessionData: 'lean' })
  const ours = [...Object.keys(present.files), ...next.map(({ path }) => path)]
  refuseOutside(
    app.folder,
    ours.map((path) => join(folder, path)),
  )
  const changes = await planChanges(app, folder, present, next)
  const missing = missingPackages(template.manifest, app, stores)
  const packageManager =
    options.packageManager ?? lockedPackageManager(app.folder) ?? runningPackageManager(process.env)
  const commands = installCommands(packageManager, missing, app.folder)
  const note = nodeNote(app, missing)
  if (note) report.warn(note)
  for (const { fate, path, writtenTo } of changes)
    report.say(`${path}: ${WORDS[fate]}${writtenTo ? ` (${writtenTo})` : ''}`)

  const conflicts = changes.filter(({ fate }) => fate === 'conflict').map(({ path }) => join(folder, path))
  const result = {
    folder: app.folder,
    from: present.version,
    to: version,
    changes: changes.map(({ fate, path }) => ({ fate, path })),
    conflicts,
    packages: [...missing.dependencies, ...missing.devDependencies],
    warnings: report.warnings,
  }
  if (options.dryRun) {
    for (const args of commands) report.say(`run ${shellLine(packageManager, args)}`)
    report.say('Nothing was written.')
    return { ...result, dryRun: true }
  }
  await writeChanges(app, folder, changes, next)
  if (conflicts.length > 0) process.exitCode = EXIT.failed
  if (commands.length > 0 && options.install !== false)
    await runInstall(packageManager, commands, app.folder, options, report)
  sayEnd(report, {
    changes,
    conflicts,
    version,
    commands: options.install === false ? commands : [],
    packageManager,
  })
  return result
}

async function planChanges(
  app: NextApp,
  folder: string,
  present: SessionManifest,
  next: readonly AppFile[],
): Promise<Change[]> {
  const at = join(app.folder, folder)
  const baseText = baseTexts(app, present)
  const changes: (Change | undefined)[] = []
  for (const { path, text } of next) {
    if (path !== SESSION_MANIFEST && path !== SESSION_DATA)
      changes.push(await planChange(at, path, text, present.files[path], baseText))
  }
  for (const [path, blob] of Object.entries(present.files)) {
    const current = readText(join(at, path))
    if (current === undefined || path === SESSION_DATA || next.some((file) => file.path === path)) continue
    changes.push({ path, fate: blobOf(withLf(current)) === blob ? 'removed' : 'kept' })
  }
  return changes.filter((change) => change !== undefined)
}

async function planChange(
  at: string,
  path: string,
  text: string,
  base: string | undefined,
  baseText: (blob: string) => Promise<string | undefined>,
): Promise<Change | undefined> {
  const current = readText(join(at, path))
  if (current === undefined)
    return base === undefined ? { fate: 'added', path, text } : { fate: 'deleted', path }
  const yours = withLf(current)
  const written = (result: string) => withLineEndsOf(current, result)
  if (yours === text) return undefined
  if (blobOf(yours) === base) return { fate: 'replaced', path, text: written(text) }
  if (base === blobOf(text)) return undefined // you changed it and this version did not
  const before = base === undefined ? undefined : await baseText(base)
  const merge = before === undefined ? undefined : mergeThreeWays(yours, before, text, path)
  if (merge === undefined)
    return { fate: 'beside', path, text: written(text), writtenTo: freeNameBeside(at, path, written(text)) }
  return { fate: merge.isClean ? 'merged' : 'conflict', path, text: written(merge.merged) }
}

/** `<path>.new`, with a number if that name is taken. */
function freeNameBeside(at: string, path: string, text: string): string {
  for (let number = 1; ; number += 1) {
    const name = `${path}.new${number === 1 ? '' : number}`
    if (!isThere(join(at, name)) || readText(join(at, name)) === text) return name
  }
}

/** Finds a file as the app got it: in git if it was committed, otherwise in the package of that version. */
function baseTexts(app: NextApp, present: SessionManifest): (blob: string) => Promise<string | undefined> {
  let earlier: ReturnType<typeof earlierFiles> | undefined
  return async (blob) => {
    const committed = blobText(app.folder, blob)
    if (committed !== undefined) return committed
    earlier ??= earlierFiles(present, app.folder)
    return (await earlier)?.get(blob)
  }
}

function blobText(folder: string, blob: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['cat-file', 'blob', blob], {
    cwd: folder,
    encoding: 'utf8',
    env: gitEnvironment(),
  })
  return status === 0 ? stdout : undefined
}

/** git's own merge, on three files of a temporary folder. Undefined: there is no git. */
function mergeThreeWays(
  yours: string,
  base: string,
  theirs: string,
  path: string,
): { merged: string; isClean: boolean } | undefined {
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
    if (codeOf(error) === 'ENOENT') return undefined
    // git returns the number of conflicts; 128 or more means that it failed.
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
  for (const { path, text } of next) {
    if (path !== SESSION_MANIFEST) continue
    const current = readText(join(app.folder, folder, path))
    if (current !== withLineEndsOf(current, text))
      files.push({ path: join(folder, path), text: withLineEndsOf(current, text) })
  }
  const removed = changes.filter(({ fate }) => fate === 'removed').map(({ path }) => join(folder, path))
  if (files.length > 0 || removed.length > 0) await changeFiles(app.folder, files, { removed })
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
    report.say(`lib/session is at version ${end.version} already; your edits are kept.`)
  else report.say(`\nlib/session is at version ${end.version}.`)
  for (const args of end.commands) report.say(shellLine(end.packageManager, args))
  if (end.conflicts.length === 0) return
  report.say(`Resolve the conflicts, then run the type checker: ${end.conflicts.join(', ')}`)
}
