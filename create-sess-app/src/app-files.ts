import { REMOVE_COURSE_FILE, withoutCourse } from './course'
import { packageJson } from './package-json'
import type { PackageManagerName } from './package-managers'
import { plainProxy } from './plain-proxy'
import { composeName, prefixFor } from './project-name'
import { readme } from './readme'
import { SESSION_FOLDER, sessionFiles } from './session-files'
import { DEFAULT_STORE, hasServers, type StoreId, storeOf } from './stores'
import type { AppFile, Template } from './template'

export interface AppChoices {
  readonly packageName: string
  /** The store that SESSION_STORE names at first. */
  readonly store: StoreId
  /** The stores that the app has. */
  readonly stores: readonly StoreId[]
  readonly course: boolean
  readonly avoidTouch: boolean
  readonly packageManager: PackageManagerName
  /** This machine's Node is too old for the app, so the app installs Node from the registry. */
  readonly pinNode: boolean
}

/** Every file of a new app, except `.env.local` with its secret. */
export function appFiles(template: Template, choices: AppChoices): AppFile[] {
  const { stores, course } = choices
  const copied = Object.keys(template.manifest.files)
    .map((source) => ({ source, path: targetOf(source, choices) }))
    .filter((each): each is { source: string; path: string } => each.path !== undefined)
    .map(({ source, path }) => ({ path, text: render(path, template.read(source), choices) }))
  const session = sessionFiles(template, { stores, sessionData: course ? 'course' : 'lean' })
  const files = [
    ...copied,
    ...session.map(({ path, text }) => ({ path: `${SESSION_FOLDER}/${path}`, text })),
    ...packageJson(template.manifest, choices),
    { path: 'README.md', text: readme(choices) },
  ]
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

/** Where a file of the template goes. Undefined when this app does not have it. */
function targetOf(source: string, { stores, course }: AppChoices): string | undefined {
  const [origin, path] = split(source)
  if (origin === 'common') return course || path !== REMOVE_COURSE_FILE ? path : undefined
  if (path.startsWith(`${SESSION_FOLDER}/`)) return undefined // sessionFiles() has them
  if (path.startsWith('drizzle/'))
    return stores.some((id) => path.startsWith(`drizzle/${id}/`)) ? path : undefined
  if (SERVERS_FILE.test(path)) return hasServers(stores) ? path : undefined
  if (path.startsWith('app/')) return course ? path : undefined
  if (path.startsWith('e2e/')) return course ? path.replace('e2e/', 'e2e/course/') : undefined
  return path
}

const SERVERS_FILE = /^(?:compose\.yaml|scripts\/servers\.mjs)$/

function split(source: string): [origin: string, path: string] {
  const slash = source.indexOf('/')
  return [source.slice(0, slash), source.slice(slash + 1)]
}

/** Adapts the few files that an app does not get unchanged. */
function render(path: string, text: string, choices: AppChoices): string {
  if (path === '.env.example') return envExample(text, choices)
  if (path === 'compose.yaml') return text.replace(/^name: .*$/m, `name: ${composeName(choices.packageName)}`)
  if (path === '.gitignore') return text.replace('!.env.production\n', '')
  if (path === 'proxy.ts') return plainProxy(text)
  if (path === 'app/icon.svg')
    return named(text, choices).replace('>M<', `>${initialOf(choices.packageName)}<`)
  if (path === 'app/layout.tsx') return named(text, choices)
  if (path === 'app/page.tsx') return withChosenCourse(named(text, choices), choices)
  if (path === 'next.config.ts') return withChosenCourse(text, choices)
  if (path === 'tsconfig.json')
    return `${JSON.stringify({ ...JSON.parse(text), include: TYPE_CHECKED, exclude: NOT_CHECKED }, null, 2)}\n`
  return text
}

function named(text: string, { packageName }: AppChoices): string {
  return text.replaceAll('my-app', packageName)
}

function withChosenCourse(text: string, { course }: AppChoices): string {
  return course ? text : withoutCourse(text)
}

/** The letter on the icon: the first of the name, without the scope. */
function initialOf(packageName: string): string {
  return (/[a-z\d]/i.exec(packageName.replace(/^@[^/]*\//, ''))?.[0] ?? 'a').toUpperCase()
}

/** The owner may add any folder. */
const TYPE_CHECKED = [
  'next-env.d.ts',
  '**/*.ts',
  '**/*.tsx',
  '.next/types/**/*.ts',
  '.next/dev/types/**/*.ts',
]

const NOT_CHECKED = ['node_modules', 'test-results']

/** The example with this app's values. Without the course, it leaves out the variables of the course. */
export function envExample(
  text: string,
  {
    store,
    course,
    avoidTouch,
    packageName,
  }: Pick<AppChoices, 'store' | 'course' | 'avoidTouch'> & {
    packageName: string | undefined
  },
): string {
  const { server } = storeOf(store)
  return Object.entries({
    ...storeVariables(store),
    ...(server ? { [server.variable]: server.example } : {}),
    ...(packageName ? { SESSION_PREFIX: prefixFor(packageName) } : {}),
    ...(avoidTouch ? { SESSION_AVOID_TOUCH: 'true' } : {}),
  }).reduce(
    (result, [name, value]) => {
      const line = new RegExp(`^# ${name}=.*$`, 'm')
      return line.test(result)
        ? result.replace(line, () => `${name}=${value}`)
        : `${result}\n${name}=${value}\n`
    },
    course ? text : text.replace(/\n# ── Course ──[\s\S]*$/, ''),
  )
}

/** The variable that selects the store. The cookie store is the default and needs none. */
export function storeVariables(store: StoreId): Record<string, string> {
  return store === DEFAULT_STORE ? {} : { SESSION_STORE: storeOf(store).variable }
}
