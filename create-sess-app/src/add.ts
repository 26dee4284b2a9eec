import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseEnv } from 'node:util'
import { envExample, storeVariables } from './app-files'
import { newSecret, withVariables } from './env-file'
import { CliError, codeOf, inWords } from './errors'
import type { Options } from './flags'
import { ignoreFile, isIgnored, trackedSessions } from './ignore-file'
import { refuseOutside } from './inside'
import { withLf, withLineEndsOf } from './line-ends'
import { readManifest } from './manifest'
import { findNextApp, isObject, type NextApp, readJson } from './next-app'
import { lockedPackageManager, runningPackageManager } from './package-managers'
import { installCommands, missingPackages, nodeNote, runInstall } from './packages'
import { prefixFor } from './project-name'
import { count, type Report, shortList } from './report'
import {
  entryFiles,
  INSTALLED_STORES,
  SESSION_DATA,
  SESSION_FOLDER,
  SESSION_MANIFEST,
  type SessionManifest,
  sessionFiles,
} from './session-files'
import { quoted, shellLine } from './shell'
import { withLinesOf, withLinesWhere } from './store-table'
import { DEFAULT_STORE, isInFoldersOf, isOperated, type StoreId, storeOf } from './stores'
import { type AppFile, blobOf, type Template } from './template'
import { isOlder } from './versions'
import { changeFiles, type PrivateFile } from './write-files'

/** A file of the app that this command does not change, and the lines to add to it. */
interface ByHand {
  readonly path: string
  readonly lines: string
}

/** @returns what `--json` prints */
export async function add(
  options: Options,
  template: Template,
  report: Report,
  isInteractive: boolean,
): Promise<object> {
  const app = findNextApp(process.cwd())
  const present = readManifest(app)
  checkVersion(present, template)
  const asked =
    options.store ??
    (isInteractive && !options.yes && !present
      ? await (await import('./questions')).askForStore()
      : undefined)
  const first = present ? present.stores[0] : (asked ?? DEFAULT_STORE)
  const added = asked ?? first
  const stores = [...new Set([...(present?.stores ?? []), ...(added ? [added] : [])])]

  const missing = missingPackages(template.manifest, app, stores)
  refuseOutside(app.folder, sessionPaths(app, template, stores))
  const session = changedSessionFiles(app, template, stores, present, options)
  if (!present) checkFreePlace(app, session.files, options)
  const entries = missingEntryFiles(app, template)
  const files: PrivateFile[] = [
    ...session.files,
    ...entries.files,
    ...envFiles(app, template, first ?? DEFAULT_STORE, options),
    ...ignoreFile(app),
  ]
  refuseOutside(
    app.folder,
    files.map(({ path }) => path),
  )
  const byHand = [...entries.byHand, ...operatorsScript(app, stores)]
  const packageManager =
    options.packageManager ?? lockedPackageManager(app.folder) ?? runningPackageManager(process.env)
  const commands = installCommands(packageManager, missing, app.folder)

  if (session.deleted.length > 0) {
    report.say(
      `Deleted by you, and left so: ${shortList(session.deleted)}. With --force they are written again.`,
    )
  }
  sayFiles(app, files, options, report)
  const note = nodeNote(app, missing)
  if (note) report.warn(note)
  const result = {
    folder: app.folder,
    stores,
    packageManager,
    files: files.map(({ path }) => path),
    packages: [...missing.dependencies, ...missing.devDependencies],
    byHand,
    warnings: report.warnings,
  }
  if (options.dryRun) {
    for (const args of commands) report.say(`run       ${shellLine(packageManager, args)}`)
    sayByHand(byHand, report)
    report.say('Nothing was written.')
    return { ...result, dryRun: true }
  }

  if (files.length > 0) await changeFiles(app.folder, files)
  warnOfOpenSecret(app, report)
  warnOfTrackedSessions(app, report)
  if (files.some(({ path }) => path === '.env.example')) sayIgnoredExample(app, report)
  if (commands.length > 0 && options.install !== false)
    await runInstall(packageManager, commands, app.folder, options, report)
  sayByHand(byHand, report)
  if (files.length === 0 && commands.length === 0)
    report.say('Sessions are here already; nothing was changed.')
  else
    sayNext(report, {
      app,
      added: added ?? DEFAULT_STORE,
      isFirst: added === first,
      written: files.length,
      commands: options.install === false ? commands : [],
      packageManager,
    })
  return result
}

/** Files of two versions do not work together. */
function checkVersion(present: SessionManifest | undefined, template: Template): void {
  const { version } = template.manifest
  if (present === undefined || present.version === version) return
  const remedy = isOlder(version, present.version)
    ? 'Run the latest: npx create-sess-app@latest add'
    : 'Bring it to this one first: npx create-sess-app@latest upgrade'
  throw new CliError(`lib/session is of version ${present.version}, and this is ${version}. ${remedy}`)
}

/** @throws {CliError} when files of the app are where `lib/session` goes */
function checkFreePlace(app: NextApp, files: readonly AppFile[], { force }: Options): void {
  const module = ['ts', 'tsx', 'js', 'jsx', 'mjs']
    .map((extension) => join(app.base, `${SESSION_FOLDER}.${extension}`))
    .find((path) => existsSync(join(app.folder, path)))
  if (module !== undefined) {
    throw new CliError(
      `${module} is in the way: an import of ${SESSION_FOLDER} would find it, and not the folder. Give it another name first.`,
    )
  }
  const inTheWay = files.map(({ path }) => path).filter((path) => existsSync(join(app.folder, path)))
  if (inTheWay.length > 0 && !force) {
    throw new CliError(
      `These files are in the way: ${shortList(inTheWay)}. Move them, or let --force overwrite them, and nothing else.`,
    )
  }
}

function sessionPaths(app: NextApp, template: Template, stores: readonly StoreId[]): string[] {
  return sessionFiles(template, { stores, sessionData: 'lean' }).map(({ path }) =>
    join(app.base, SESSION_FOLDER, path),
  )
}

interface SessionChanges {
  readonly files: AppFile[]
  /** Files of an earlier run that were deleted since. */
  readonly deleted: string[]
}

/**
 * The files of `lib/session` that are missing, or that an earlier run wrote for fewer stores. It keeps your edits and
 * deletions, but writes every missing file of a store that is asked for and not there.
 */
function changedSessionFiles(
  app: NextApp,
  template: Template,
  stores: readonly StoreId[],
  present: SessionManifest | undefined,
  { force }: Pick<Options, 'force'>,
): SessionChanges {
  const changes: SessionChanges = { files: [], deleted: [] }
  const absent = stores.filter((id) => !present?.stores.includes(id))
  const at = (name: string) => join(app.base, SESSION_FOLDER, name)
  const staysDeleted = (name: string) =>
    present?.files[name] !== undefined && !force && !isInFoldersOf(name, absent)
  const willBeThere = (name: string) => existsSync(join(app.folder, at(name))) || !staysDeleted(name)
  for (const { path: name, text } of sessionFiles(template, { stores, sessionData: 'lean' })) {
    const path = at(name)
    const current = readText(join(app.folder, path))
    if (current === undefined) {
      if (staysDeleted(name)) changes.deleted.push(path)
      else changes.files.push({ path, text })
      continue
    }
    if (name === SESSION_DATA) continue
    const isTable = name === INSTALLED_STORES
    if (present && !isTable && name !== SESSION_MANIFEST) continue
    const ours = isTable ? withLinesWhere(text, (kind) => willBeThere(`stores/${kind}/open.ts`)) : text
    const isEdited = isTable && present && blobOf(withLf(current)) !== present.files[name]
    const wanted = isEdited ? withLinesOf(withLf(current), ours) : ours
    if (wanted !== withLf(current)) changes.files.push({ path, text: withLineEndsOf(current, wanted) })
  }
  return changes
}

/** `proxy.ts` and `instrumentation.ts`. If the app has one, the lines to add to it. */
function missingEntryFiles(app: NextApp, template: Template): { files: AppFile[]; byHand: ByHand[] } {
  const files: AppFile[] = []
  const byHand: ByHand[] = []
  const session = app.alias ? `${app.alias}lib/session` : './lib/session'
  const { proxy, instrumentation } = entryFiles(template, session)

  const ownProxy = existing(app, ['proxy', 'middleware'])
  if (!ownProxy) files.push({ path: join(app.base, 'proxy.ts'), text: proxy })
  else if (!ownProxy.text.includes('touchSession')) {
    const isMiddleware = ownProxy.path.includes('middleware.')
    const rename =
      '// Middleware runs where Node is not. Make it a proxy first: npx @next/codemod@latest middleware-to-proxy .\n\n'
    byHand.push({
      path: ownProxy.path,
      lines: `${isMiddleware ? rename : ''}import { touchSession } from '${session}'\n\n// where it lets a request through, instead of NextResponse.next():\n  return touchSession(request)\n\n// where it rewrites to a URL:\n  return touchSession(request, (init) => NextResponse.rewrite(url, init))`,
    })
  }
  const ownInstrumentation = existing(app, ['instrumentation'])
  if (!ownInstrumentation) files.push({ path: join(app.base, 'instrumentation.ts'), text: instrumentation })
  else if (!ownInstrumentation.text.includes('findStartProblem')) {
    const body = instrumentation
      .slice(instrumentation.indexOf('{\n') + 2, instrumentation.lastIndexOf('}'))
      .trimEnd()
    byHand.push({ path: ownInstrumentation.path, lines: `// in register():\n${body}` })
  }
  return { files, byHand }
}

function existing(app: NextApp, names: readonly string[]): { path: string; text: string } | undefined {
  for (const name of names) {
    for (const extension of ['ts', 'js', 'tsx', 'mjs']) {
      const path = join(app.base, `${name}.${extension}`)
      const text = readText(join(app.folder, path))
      if (text !== undefined) return { path, text }
    }
  }
  return undefined
}

/** The line of package.json that runs the operator's command, where it is missing. */
function operatorsScript({ folder, base }: NextApp, stores: readonly StoreId[]): ByHand[] {
  const path = 'package.json'
  const scripts = readJson(join(folder, path))?.scripts
  if (!isOperated(stores) || (isObject(scripts) && scripts.sessions !== undefined)) return []
  const command = `tsx ${[base, SESSION_FOLDER, 'ops/sessions.ts'].filter(Boolean).join('/')}`
  return [{ path, lines: `// in "scripts":\n"sessions": ${JSON.stringify(command)}` }]
}

/** The name of its package, or else of its folder, in characters that an env file takes without quotes. */
function nameOf({ folder }: NextApp): string {
  const name = readJson(join(folder, 'package.json'))?.name
  return (typeof name === 'string' && name !== '' ? name : basename(folder)).replace(/[^\w@./-]+/g, '-')
}

/** `store` is the one that the app began with. A store that is added later is used when SESSION_STORE names it. */
function envFiles(app: NextApp, template: Template, store: StoreId, { avoidTouch }: Options): PrivateFile[] {
  const { server } = storeOf(store)
  // Apps can share a server, so a new one gets a prefix. An app that has sessions keeps its prefix.
  const isFirst = !existsSync(join(app.folder, app.base, SESSION_FOLDER, SESSION_MANIFEST))
  const packageName = isFirst && server ? nameOf(app) : undefined
  const chosen = {
    ...storeVariables(store),
    ...(packageName ? { SESSION_PREFIX: prefixFor(packageName) } : {}),
    ...(avoidTouch ? { SESSION_AVOID_TOUCH: 'true' } : {}),
  }
  const local = readText(join(app.folder, '.env.local')) ?? ''
  const example = readText(join(app.folder, '.env.example'))
  const elsewhere = ['.env.development', '.env'].map((file) =>
    parseEnv(readText(join(app.folder, file)) ?? ''),
  )
  const variables = Object.entries({ SESSION_SECRET: newSecret(), ...chosen }).filter(
    ([name]) => !elsewhere.some((known) => known[name]?.trim()),
  )
  const wanted: PrivateFile[] = [
    {
      path: '.env.local',
      text: withVariables(local, 'Sessions', Object.fromEntries(variables)),
      isPrivate: true,
    },
    {
      path: '.env.example',
      text:
        example === undefined
          ? envExample(template.read('repo/.env.example'), {
              store,
              course: false,
              avoidTouch,
              packageName,
            })
          : withVariables(example, variablesComment(app), {
              SESSION_SECRET: '',
              ...chosen,
              ...(server ? { [server.variable]: server.example } : {}),
            }),
    },
  ]
  return wanted.filter(({ path, text }) => text !== (readText(join(app.folder, path)) ?? ''))
}

function variablesComment({ base }: NextApp): string {
  const folder = [base, SESSION_FOLDER].filter(Boolean).join('/')
  return `Sessions: ${folder}/config/variables.ts has every variable, and ${folder}/stores/<kind>/about.ts those of a store`
}

/** @throws {CliError} when it is there and cannot be read */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw inWords(error, `Cannot read ${path}`)
  }
}

function warnOfOpenSecret(app: NextApp, report: Report): void {
  if (isIgnored(app.folder, '.env.local') !== false) return
  report.warn(
    'git does not ignore .env.local, which holds the secret. Add it to .gitignore before the next commit.',
  )
}

function warnOfTrackedSessions(app: NextApp, report: Report): void {
  const tracked = trackedSessions(app.folder)
  if (tracked.length === 0) return
  report.warn(
    `git tracks sessions: ${shortList(tracked)}. Remove them: git rm -r --cached ${tracked.map(quoted).join(' ')}`,
  )
}

/** The line `.env*` that create-next-app writes also ignores the example. */
function sayIgnoredExample(app: NextApp, report: Report): void {
  if (isIgnored(app.folder, '.env.example') !== true) return
  report.warn(
    'git ignores .env.example, which holds no secret and tells others which variables there are. To commit it, add this line at the end of .gitignore: !.env.example',
  )
}

/** Prints each file, and the lines that are added to one that is there. Never the secret. */
function sayFiles(app: NextApp, files: readonly PrivateFile[], { dryRun }: Options, report: Report): void {
  if (!dryRun) return
  for (const { path, text } of files) {
    const current = readText(join(app.folder, path))
    report.say(`${current === undefined ? 'write    ' : 'change   '} ${path}`)
    if (current === undefined) continue
    const had = new Set(withLf(current).split('\n'))
    for (const line of withLf(text)
      .split('\n')
      .filter((each) => !had.has(each))) {
      report.say(`          + ${line.replace(/^(SESSION_SECRET=).+/, '$1…')}`)
    }
  }
}

function sayByHand(byHand: readonly ByHand[], report: Report): void {
  for (const { path, lines } of byHand) {
    report.say(`\n${path} is your file, so it was not changed. Add these lines:\n\n${lines}`)
  }
}

function sayNext(
  report: Report,
  end: {
    app: NextApp
    added: StoreId
    /** The app had no sessions before, or none in another store. */
    isFirst: boolean
    written: number
    commands: readonly string[][]
    packageManager: string
  },
): void {
  const { app, added, isFirst } = end
  const { label, server, variable } = storeOf(added)
  // A run that found the files complete has only installed packages.
  if (end.written > 0) report.say(`\nSessions in ${label}: ${count(end.written, 'file')} written.`)
  for (const args of end.commands) report.say(shellLine(end.packageManager, args))
  const place = server ? `${server.variable}=${server.example}` : undefined
  if (!isFirst)
    report.say(`Use it with SESSION_STORE=${variable}${place ? ` and ${place}` : ''} in .env.local.`)
  else if (place) report.say(`Name your server in .env.local: ${place}`)
  const from = app.alias ? `'${app.alias}lib/session'` : `'../lib/session', as app/page.tsx sees it`
  report.say(`Read and save it with: import { getSession } from ${from}`)
  report.say(`${join(app.base, SESSION_FOLDER, 'README.md')} has the rest.`)
}
