import { packageJson } from './package-json'
import type { PackageManagerName } from './package-managers'
import { plainProxy } from './plain-proxy'
import { readme } from './readme'
import { SESSION_FOLDER, sessionFiles } from './session-files'
import { type StoreId, storeOf } from './stores'
import type { AppFile, Template } from './template'

export interface AppChoices {
  readonly packageName: string
  readonly store: StoreId
  readonly demo: boolean
  readonly avoidTouch: boolean
  readonly packageManager: PackageManagerName
  /** This machine's Node is too old for the app: the one from the registry comes with it. */
  readonly pinNode: boolean
}

/** Every file of a new app but `.env.local`, whose secret is nobody's template. */
export function appFiles(template: Template, choices: AppChoices): AppFile[] {
  const copied = Object.keys(template.manifest.files)
    .map((source) => ({ source, path: targetOf(source, choices) }))
    .filter((each): each is { source: string; path: string } => each.path !== undefined)
    .map(({ source, path }) => ({ path, text: render(path, template.read(source), choices) }))
  return [
    ...copied,
    ...sessionFiles(template, { stores: [choices.store], sessionData: choices.demo ? 'demo' : 'lean' }).map(
      (file) => ({
        ...file,
        path: `${SESSION_FOLDER}/${file.path}`,
      }),
    ),
    ...packageJson(template.manifest, choices),
    { path: 'README.md', text: readme(choices) },
  ].sort((one, other) => (one.path < other.path ? -1 : 1))
}

/** Where a file of the template goes; undefined: this app does not have it. */
function targetOf(source: string, { store, demo }: AppChoices): string | undefined {
  const [origin, path] = split(source)
  const { server, variable } = storeOf(store)
  if (origin === 'common') return path
  if (origin === 'lean') return demo || path.startsWith(`${SESSION_FOLDER}/`) ? undefined : path
  if (path.startsWith(`${SESSION_FOLDER}/`)) return undefined // sessionFiles() has them
  if (path.startsWith('drizzle/')) return path.startsWith(`drizzle/${store}/`) ? path : undefined
  // What an operator does with sessions has a sense where the server keeps them.
  if (/^scripts\/sessions(?:\.ts$|\/)/.test(path)) return variable === 'cookie' ? undefined : path
  if (/^(?:compose\.yaml|scripts\/(?:servers|server-processes)\.mjs)$/.test(path))
    return server ? path : undefined
  if (path === 'scripts/source-loader.mjs') return demo ? path : undefined
  if (path === 'scripts/stores.mjs') return demo || server ? path : undefined
  if (path === 'app/icon.svg') return path
  if (!demo && path === 'lib/content-security-policy.ts') return undefined
  if (!demo && /^(?:app\/|e2e\/|public\/|next\.config\.ts$|playwright\.config\.ts$)/.test(path))
    return undefined
  return path
}

function split(source: string): [origin: string, path: string] {
  const slash = source.indexOf('/')
  return [source.slice(0, slash), source.slice(slash + 1)]
}

/** The few files that are not for an app as they stand in the repository. */
function render(path: string, text: string, choices: AppChoices): string {
  if (path === '.env.example') return envExample(text, choices)
  if (path === '.gitignore') return text.replace('!.env.production\n', '')
  if (path === 'proxy.ts' && !choices.demo) return plainProxy(text)
  if (path === 'tsconfig.json')
    return `${JSON.stringify({ ...JSON.parse(text), include: TYPE_CHECKED }, null, 2)}\n`
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

/** The example names what this app uses; a lean one has no demo API to speak of. */
export function envExample(
  text: string,
  { store, demo, avoidTouch }: Pick<AppChoices, 'store' | 'demo' | 'avoidTouch'>,
): string {
  const { server } = storeOf(store)
  return Object.entries({
    ...storeVariables(store),
    ...(server ? { [server.variable]: server.example } : {}),
    ...(avoidTouch ? { SESSION_AVOID_TOUCH: 'true' } : {}),
  }).reduce(
    (result, [name, value]) => result.replace(new RegExp(`^# ${name}=.*$`, 'm'), `${name}=${value}`),
    demo ? text : text.replace(/\n# ── Demo ──[\s\S]*$/, ''),
  )
}

/** What says which store an app uses; the cookie store is what nobody has to say. */
export function storeVariables(store: StoreId): Record<string, string> {
  return store === 'cookie' ? {} : { SESSION_STORE: storeOf(store).variable }
}
