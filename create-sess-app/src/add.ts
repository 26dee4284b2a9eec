import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { envExample, storeVariables } from './app-files'
import { leaveOnInterruption } from './cleanup'
import { quoted, shortList } from './create'
import { newSecret, withVariables } from './env-file'
import { CliError } from './errors'
import type { Options } from './flags'
import { findNextApp, type NextApp, readJson } from './next-app'
import { lockedPackageManager, runningPackageManager } from './package-managers'
import { installCommands, missingPackages, runInstall } from './packages'
import { plainProxy } from './plain-proxy'
import { outputOf } from './processes'
import { askForStore } from './questions'
import { count, type Report } from './report'
import {
  SESSION_DATA,
  SESSION_FOLDER,
  SESSION_MANIFEST,
  type SessionManifest,
  sessionFiles,
} from './session-files'
import { type StoreId, storeOf, withStores } from './stores'
import type { AppFile, Template } from './template'
import { type PrivateFile, writeFiles } from './write-files'

/** A file that the app already has, and the lines that are missing in it. */
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
  const asked = options.store ?? (isInteractive && !options.yes && !present ? await askForStore() : undefined)
  const added = asked ?? present?.stores[0] ?? 'cookie'
  const stores = [...new Set([...(present?.stores ?? []), added])]
  if (present && present.version !== template.manifest.version) {
    throw new CliError(
      `lib/session is of version ${present.version}, and this is ${template.manifest.version}. Bring it to this one first: create-sess-app upgrade`,
    )
  }

  const missing = missingPackages(template.manifest, app, stores)
  const session = changedSessionFiles(app, template, stores, present)
  const inTheWay = present
    ? []
    : session.filter(({ path }) => existsSync(join(app.folder, path))).map(({ path }) => path)
  if (inTheWay.length > 0 && !options.force) {
    throw new CliError(
      `These files are in the way: ${shortList(inTheWay)}. Move them, or let --force overwrite them, and nothing else.`,
    )
  }
  const { files: entries, byHand } = entryFiles(app, template)
  const files: PrivateFile[] = [...session, ...entries, ...envFiles(app, template, added, options)]
  const packageManager =
    options.packageManager ?? lockedPackageManager(app.folder) ?? runningPackageManager(process.env)
  const commands = installCommands(packageManager, missing)

  sayFiles(app, files, options, report)
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
    for (const args of commands) report.say(`run       ${[packageManager, ...args].map(quoted).join(' ')}`)
    sayByHand(byHand, report)
    report.say('Nothing was written.')
    return { ...result, dryRun: true }
  }

  if (files.length > 0) await writeFiles(app.folder, files)
  if (
    outputOf('git', ['check-ignore', '-q', '.env.local'], app.folder) === undefined &&
    isRepository(app.folder)
  ) {
    report.warn(
      'git does not ignore .env.local, which holds the secret. Add it to .gitignore before the next commit.',
    )
  }
  if (commands.length > 0 && options.install !== false) {
    const again = commands.map((args) => [packageManager, ...args].map(quoted).join(' ')).join(' && ')
    leaveOnInterruption(`The files are complete; the packages are not. Get them with: ${again}`)
    try {
      await report.step(`Installing with ${packageManager}`, `Installed with ${packageManager}`, () =>
        runInstall(packageManager, commands, app.folder, options.debug),
      )
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      throw new CliError(
        `${error.message}\n\nThe files are complete; the packages are not. Try again with: ${again}`,
        { cause: error },
      )
    }
  }
  sayByHand(byHand, report)
  sayNext(app, added, files.length, commands, options, packageManager, report)
  return result
}

/** What of `lib/session` is missing or was made by an earlier run for fewer stores. Your edits stay. */
function changedSessionFiles(
  app: NextApp,
  template: Template,
  stores: readonly StoreId[],
  present: SessionManifest | undefined,
): AppFile[] {
  return sessionFiles(template, { stores, sessionData: 'lean' })
    .map(({ path, text }) => ({ path, file: { path: join(app.base, SESSION_FOLDER, path), text } }))
    .filter(({ path, file }) => {
      const current = readText(join(app.folder, file.path))
      if (current === undefined) return true
      if (path === SESSION_DATA && present) return false
      if (current === file.text) return false
      return !present || path === SESSION_MANIFEST || path === 'installed-stores.ts'
    })
    .map(({ path, file }) =>
      path === 'installed-stores.ts' ? { ...file, text: withLinesOf(app, file, stores) } : file,
    )
}

/** The table of stores with the lines it lacks; whatever else somebody wrote in it stays. */
function withLinesOf(app: NextApp, file: AppFile, stores: readonly StoreId[]): string {
  const current = readText(join(app.folder, file.path))
  if (current === undefined) return file.text
  const lines = file.text.split('\n').filter((line) => /^ {2}\w+: \(\) => import\(/.test(line))
  const lacking = lines.filter((line) => !current.includes(line.trim()))
  return withStores(current.replace(/^\}/m, [...lacking, '}'].join('\n')), stores)
}

/** `proxy.ts` and `instrumentation.ts`, written where there is none, else the lines that join them. */
function entryFiles(app: NextApp, template: Template): { files: AppFile[]; byHand: ByHand[] } {
  const files: AppFile[] = []
  const byHand: ByHand[] = []
  const session = app.alias ? `${app.alias}lib/session` : './lib/session'
  const proxy = plainProxy(template.read('repo/proxy.ts')).replace("'@/lib/session'", `'${session}'`)
  const instrumentation = template.read('repo/instrumentation.ts')

  const ownProxy = existing(app, ['proxy', 'middleware'])
  if (!ownProxy) files.push({ path: join(app.base, 'proxy.ts'), text: proxy })
  else if (!ownProxy.text.includes('touchSession')) {
    byHand.push({
      path: ownProxy.path,
      lines: `import { touchSession } from '${session}'\n\n// where it lets a request through, instead of NextResponse.next():\n  return touchSession(request)\n\n// where it rewrites to a URL:\n  return touchSession(request, (init) => NextResponse.rewrite(url, init))`,
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

function envFiles(app: NextApp, template: Template, store: StoreId, { avoidTouch }: Options): PrivateFile[] {
  const chosen = { ...storeVariables(store), ...(avoidTouch ? { SESSION_AVOID_TOUCH: 'true' } : {}) }
  const local = readText(join(app.folder, '.env.local')) ?? ''
  const example = readText(join(app.folder, '.env.example'))
  const { server } = storeOf(store)
  const wanted: PrivateFile[] = [
    {
      path: '.env.local',
      text: withVariables(local, 'Sessions', { SESSION_SECRET: newSecret(), ...chosen }),
      isPrivate: true,
    },
    {
      path: '.env.example',
      text:
        example === undefined
          ? envExample(template.read('repo/.env.example'), { store, demo: false, avoidTouch })
          : withVariables(example, 'Sessions: every variable is in lib/session/config.ts', {
              SESSION_SECRET: '',
              ...chosen,
              ...(server ? { [server.variable]: server.example } : {}),
            }),
    },
  ]
  return wanted.filter(({ path, text }) => text !== readText(join(app.folder, path)))
}

export function readManifest(app: NextApp): SessionManifest | undefined {
  const manifest = readJson(join(app.folder, app.base, SESSION_FOLDER, SESSION_MANIFEST))
  if (manifest === undefined) return undefined
  const { version, stores, files } = manifest
  if (typeof version !== 'string' || !Array.isArray(stores) || typeof files !== 'object') {
    throw new CliError(
      `${join(app.base, SESSION_FOLDER, SESSION_MANIFEST)} is damaged. Take it back from git, or delete it.`,
    )
  }
  return manifest as unknown as SessionManifest
}

export function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function isRepository(folder: string): boolean {
  return outputOf('git', ['rev-parse', '--is-inside-work-tree'], folder) === 'true'
}

/** Each file, and of one that was there the lines it gets; never the secret. */
function sayFiles(app: NextApp, files: readonly PrivateFile[], { dryRun }: Options, report: Report): void {
  if (!dryRun) return
  for (const { path, text } of files) {
    const current = readText(join(app.folder, path))
    report.say(`${current === undefined ? 'write    ' : 'change   '} ${path}`)
    if (current === undefined) continue
    const had = new Set(current.split('\n'))
    for (const line of text.split('\n').filter((each) => !had.has(each))) {
      report.say(`          + ${line.replace(/^(SESSION_SECRET=).+/, '$1…')}`)
    }
  }
}

function sayByHand(byHand: readonly ByHand[], report: Report): void {
  for (const { path, lines } of byHand) {
    report.say(`\n${path} is yours and stays as it is. Add these lines:\n\n${lines}`)
  }
}

function sayNext(
  app: NextApp,
  store: StoreId,
  written: number,
  commands: readonly string[][],
  { install }: Options,
  packageManager: string,
  report: Report,
): void {
  if (written === 0 && commands.length === 0) {
    report.say('Sessions are here already; nothing was changed.')
    return
  }
  report.say(`\nSessions in ${storeOf(store).place}: ${count(written, 'file')} written.`)
  if (install === false)
    for (const args of commands) report.say([packageManager, ...args].map(quoted).join(' '))
  const { server } = storeOf(store)
  if (server) report.say(`Name your server in .env.local: ${server.variable}=${server.example}`)
  report.say(`Read and save it with: import { getSession } from '${app.alias ?? './'}lib/session'`)
  report.say(`${join(app.base, SESSION_FOLDER, 'README.md')} has the rest.`)
}
