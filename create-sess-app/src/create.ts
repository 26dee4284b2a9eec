import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { appFiles, storeVariables } from './app-files'
import { leaveOnInterruption, letSignalsIn, onFailure } from './cleanup'
import { envLines, newSecret } from './env-file'
import { CliError, usageError } from './errors'
import { type Options, USAGE } from './flags'
import { commitAll, type GitOutcome } from './git'
import { installArguments, runningPackageManager, scriptCommand } from './package-managers'
import { runQuietly } from './processes'
import { type Project, prefixFor, projectFrom, shown } from './project-name'
import type { Answers } from './questions'
import { count, type Report, shortList } from './report'
import { quoted } from './shell'
import { DEFAULT_STORE, STORE_IDS, storeOf } from './stores'
import type { Template } from './template'
import { isOlder, OLDEST_NODE } from './versions'
import { changeFiles, findObstacles, type PrivateFile, REPLACES_LINKS } from './write-files'

/** @returns what `--json` prints */
export async function create(
  options: Options,
  template: Template,
  report: Report,
  isInteractive: boolean,
): Promise<object> {
  const answers = await settle(options, template, isInteractive)
  const project = projectFrom(answers.target, process.cwd())
  const pinNode = isOlder(process.versions.node, OLDEST_NODE)
  const files = filesOf(options, template, answers, project, pinNode)
  const collisions = checkFolder(project.folder, files, options.force)
  const where = shown(project.folder, process.cwd())

  if (options.dryRun) {
    for (const { path } of files)
      report.say(`${collisions.includes(path) ? 'overwrite' : 'write    '} ${join(where, path)}`)
    report.say(`${count(files.length, 'file')}; nothing was written.`)
    return { dryRun: true, folder: project.folder, files: files.map(({ path }) => path), collisions }
  }
  if (collisions.length > 0) report.warn(`overwritten because of --force: ${shortList(collisions)}`)
  if (project.packageName !== answers.target && !project.folder.endsWith(`/${project.packageName}`)) {
    report.say(`The package is named ${project.packageName}, a name that npm accepts.`)
  }

  await changeFiles(project.folder, files, REPLACES_LINKS)
  leaveOnInterruption('The files of the app are complete.')
  const next = nextSteps(answers, where)
  if (answers.install) await install(project, answers, options, report, where)
  const git = options.git ? commitAll(project.folder, 'chore: start with create-sess-app') : 'not-asked'
  await letSignalsIn()
  sayHow(git, project, pinNode, template, report)
  report.say(
    `\n${where === '.' ? project.packageName : where}: sessions in ${storeOf(answers.store).label}, ${count(files.length, 'file')}.\n`,
  )
  for (const line of next) report.say(`  ${line}`)
  report.say('\nThen open http://localhost:3000.')
  return {
    folder: project.folder,
    name: project.packageName,
    store: answers.store,
    stores: options.only ?? STORE_IDS,
    course: answers.course,
    packageManager: answers.packageManager,
    installed: answers.install,
    git,
    nodePinned: pinNode,
    files: files.length,
    next,
    warnings: report.warnings,
  }
}

async function settle(options: Options, template: Template, isInteractive: boolean): Promise<Answers> {
  const defaults = {
    store: options.store ?? DEFAULT_STORE,
    course: options.course ?? true,
    packageManager: options.packageManager ?? runningPackageManager(process.env),
    install: options.install ?? true,
  }
  if (isInteractive && !options.yes) {
    // An invalid name is rejected before the other four questions.
    return (await import('./questions')).askForApp(options, defaults.packageManager, (target) => {
      const project = projectFrom(target, process.cwd())
      const files = filesOf(options, template, { ...defaults, target }, project, false)
      checkFolder(project.folder, files, options.force)
    })
  }
  if (options.target === undefined) throw usageError(`The name of the app is missing.\n\n${USAGE}`)
  return { ...defaults, target: options.target }
}

function filesOf(
  options: Options,
  template: Template,
  answers: Answers,
  project: Project,
  pinNode: boolean,
): PrivateFile[] {
  const { packageName } = project
  const variables = {
    SESSION_SECRET: newSecret(),
    ...storeVariables(answers.store),
    SESSION_PREFIX: prefixFor(packageName),
    ...(options.avoidTouch ? { SESSION_AVOID_TOUCH: 'true' } : {}),
  }
  const stores = options.only ?? STORE_IDS
  return [
    ...appFiles(template, { ...answers, stores, packageName, avoidTouch: options.avoidTouch, pinNode }),
    {
      path: '.env.local',
      text: envLines(
        'Only for this machine: git ignores this file. .env.example has every variable.',
        variables,
      ),
      isPrivate: true,
    },
  ]
}

/** @returns the files that --force may overwrite */
function checkFolder(folder: string, files: readonly PrivateFile[], isForced: boolean): string[] {
  const { entries, collisions } = findObstacles(folder, files)
  if (entries.length === 0 || isForced) return collisions
  const remedy =
    collisions.length === 0
      ? 'None of them is in the way. With --force, the app is written beside them.'
      : `--force overwrites only ${shortList(collisions)}.`
  throw new CliError(`${folder} is not empty: ${shortList(entries)}. Choose another name. ${remedy}`)
}

async function install(
  project: Project,
  { packageManager }: Answers,
  options: Options,
  report: Report,
  where: string,
): Promise<void> {
  const modules = join(project.folder, 'node_modules')
  const again = `${where === '.' ? '' : `cd ${quoted(where)} && `}${packageManager} install`
  const lacking = `complete except for its packages${options.git ? ' and its git repository' : ''}`
  leaveOnInterruption(`The app is ${lacking}. Install the packages with: ${again}`)
  const wasThere = existsSync(modules)
  const removeModules = () => {
    if (!wasThere) rmSync(modules, { recursive: true, force: true, maxRetries: 3 })
  }
  const forget = onFailure(removeModules)
  try {
    await report.step(`Installing with ${packageManager}`, `Installed with ${packageManager}`, () =>
      runQuietly(packageManager, installArguments(packageManager), {
        cwd: project.folder,
        debug: options.debug,
      }),
    )
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    removeModules()
    throw new CliError(
      `${error.message}\n\nThe app in ${project.folder} is ${lacking}. Try again with: ${again}`,
      { cause: error },
    )
  } finally {
    forget()
  }
  leaveOnInterruption('The app is complete, with its packages.')
}

function sayHow(
  git: GitOutcome | 'not-asked',
  project: Project,
  pinNode: boolean,
  { manifest }: Template,
  report: Report,
): void {
  const notes: Partial<Record<typeof git, string>> = {
    'no-git': 'git is not installed, so no repository was made.',
    'no-identity':
      'git does not know your name, so nothing is committed yet. Set user.name and user.email, then run: git add --all && git commit',
    'inside-repository': `${project.folder} is inside a git repository, so no new repository was made.`,
    failed: 'git could not make a repository.',
  }
  const note = notes[git]
  if (note) report.warn(note)
  if (pinNode) {
    report.warn(
      `this machine runs Node ${process.versions.node}, and the app needs ${OLDEST_NODE} or later. The app has Node ${manifest.node} as a development dependency.`,
    )
  }
}

/** Lines to paste into a shell. */
function nextSteps({ packageManager, install: isInstalled }: Answers, where: string): string[] {
  return [
    ...(where === '.' ? [] : [`cd ${quoted(where)}`]),
    ...(isInstalled ? [] : [`${packageManager} install`]),
    scriptCommand(packageManager, 'dev'),
  ]
}
