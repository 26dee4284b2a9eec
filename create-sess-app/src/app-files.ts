import { packageJson } from './package-json'
import type { PackageManagerName } from './package-managers'
import { plainProxy } from './plain-proxy'
import { composeName, prefixFor } from './project-name'
import { readme } from './readme'
import { REMOVE_DEMOS, removal } from './removal'
import { SESSION_FOLDER, sessionFiles } from './session-files'
import { hasServers, isOperated, STORES, type StoreId, storeOf } from './stores'
import type { AppFile, Template } from './template'

export interface AppChoices {
  readonly packageName: string
  /** The one that SESSION_STORE names to begin with. */
  readonly store: StoreId
  /** Those that the app has. */
  readonly stores: readonly StoreId[]
  readonly demo: boolean
  readonly avoidTouch: boolean
  readonly packageManager: PackageManagerName
  /** This machine's Node is too old for the app: the one from the registry comes with it. */
  readonly pinNode: boolean
}

/** Every file of a new app but `.env.local`, whose secret is nobody's template. */
export function appFiles(template: Template, choices: AppChoices): AppFile[] {
  const files = filesOf(template, choices)
  if (!choices.demo) return inOrder(files)
  const lean = filesOf(template, { ...choices, demo: false })
  return inOrder([...files, { path: REMOVE_DEMOS, text: removal(template, files, lean) }])
}

function filesOf(template: Template, choices: AppChoices): AppFile[] {
  const { stores, demo } = choices
  const copied = Object.keys(template.manifest.files)
    .map((source) => ({ source, path: targetOf(source, choices) }))
    .filter((each): each is { source: string; path: string } => each.path !== undefined)
    .map(({ source, path }) => ({ path, text: render(path, template.read(source), choices) }))
  const session = sessionFiles(template, { stores, sessionData: demo ? 'demo' : 'lean' })
  return [
    ...copied,
    ...session.map(({ path, text }) => ({ path: `${SESSION_FOLDER}/${path}`, text })),
    ...packageJson(template.manifest, choices),
    { path: 'README.md', text: readme(choices) },
  ]
}

function inOrder(files: readonly AppFile[]): AppFile[] {
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

/** Where a file of the template goes; undefined: this app does not have it. */
function targetOf(source: string, { stores, demo }: AppChoices): string | undefined {
  const [origin, path] = split(source)
  if (origin === 'common') return demo || path !== 'scripts/remove-demos.mjs' ? path : undefined
  if (origin === 'lean') return demo || path.startsWith(`${SESSION_FOLDER}/`) ? undefined : path
  if (path.startsWith(`${SESSION_FOLDER}/`)) return undefined // sessionFiles() has them
  if (path.startsWith('drizzle/'))
    return stores.some((id) => path.startsWith(`drizzle/${id}/`)) ? path : undefined
  if (OPERATORS_FILE.test(path)) return isOperated(stores) ? path : undefined
  if (SERVERS_FILE.test(path)) return hasServers(stores) ? path : undefined
  if (path === 'scripts/source-loader.mjs' || path === 'scripts/app-copy.mjs') return demo ? path : undefined
  if (path === 'app/icon.svg') return path
  if (!demo && path === 'lib/content-security-policy.ts') return undefined
  if (!demo && /^(?:app\/|e2e\/|public\/|next\.config\.ts$|playwright\.config\.ts$)/.test(path))
    return undefined
  // They move sessions between stores, or stop one that the suite does not run on.
  if (stores.length < STORES.length && MANY_STORES_SPEC.test(path)) return undefined
  return path
}

const OPERATORS_FILE = /^scripts\/(?:sessions(?:\.ts$|\/)|announced-servers\.mjs$)/
const SERVERS_FILE = /^(?:compose\.yaml|scripts\/servers\.mjs)$/
const MANY_STORES_SPEC = /^e2e\/(?:configuration|migrate-from|security-headers)\.spec\.ts$/

function split(source: string): [origin: string, path: string] {
  const slash = source.indexOf('/')
  return [source.slice(0, slash), source.slice(slash + 1)]
}

/** The few files that are not for an app as they stand in the repository. */
function render(path: string, text: string, choices: AppChoices): string {
  if (path === '.env.example') return envExample(text, choices)
  if (path === 'compose.yaml') return text.replace(/^name: .*$/m, `name: ${composeName(choices.packageName)}`)
  if (path === '.gitignore') return text.replace('!.env.production\n', '')
  if (path === 'proxy.ts' && !choices.demo) return plainProxy(text)
  if (path === 'tsconfig.json')
    return `${JSON.stringify({ ...JSON.parse(text), include: TYPE_CHECKED, exclude: NOT_CHECKED }, null, 2)}\n`
  return text
}

/** An app grows folders that nobody here knows. */
const TYPE_CHECKED = [
  'next-env.d.ts',
  '**/*.ts',
  '**/*.tsx',
  '.next/types/**/*.ts',
  '.next/dev/types/**/*.ts',
]

/** A test of the demos runs a copy of the app there, which stays as the app was then. */
const NOT_CHECKED = ['node_modules', 'test-results']

/** The example names what this app uses; a lean one has no demo API to speak of. */
export function envExample(
  text: string,
  {
    store,
    demo,
    avoidTouch,
    packageName,
  }: Pick<AppChoices, 'store' | 'demo' | 'avoidTouch'> & {
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
    (result, [name, value]) => result.replace(new RegExp(`^# ${name}=.*$`, 'm'), () => `${name}=${value}`),
    demo ? text : text.replace(/\n# ── Demo ──[\s\S]*$/, ''),
  )
}

/** What says which store an app uses; the cookie store is what nobody has to say. */
export function storeVariables(store: StoreId): Record<string, string> {
  return store === 'cookie' ? {} : { SESSION_STORE: storeOf(store).variable }
}
