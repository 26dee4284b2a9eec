import type { AppChoices } from './app-files'
import { coursePackages, REMOVE_COURSE_SCRIPT } from './course'
import { hasServers, isOperated, packagesOf, storeOf } from './stores'
import type { AppFile, Manifest } from './template'
import { OLDEST_NODE } from './versions'

/** `package.json`, and the settings files of the package manager. */
export function packageJson(manifest: Manifest, choices: AppChoices): AppFile[] {
  const { course, pinNode, packageManager } = choices
  const stores = choices.stores.map(storeOf)
  const operated = isOperated(choices.stores)
  const dependencies = new Set([
    ...['next', 'react', 'react-dom'],
    // With those of the operator's command: `npm ci --omit=dev` leaves out what is for development.
    ...packagesOf(choices.stores),
  ])
  const devDependencies = [
    '@playwright/test',
    '@types/node',
    '@types/react',
    '@types/react-dom',
    'typescript',
    ...stores.flatMap(({ typePackages }) => typePackages),
    ...(hasServers(choices.stores) ? ['get-port'] : []),
    ...(course ? coursePackages(manifest) : []),
  ]
  const versions = (names: Iterable<string>) =>
    Object.fromEntries([...names].sort().map((name) => [name, versionOf(manifest, name)]))
  const installed = {
    dependencies: versions(dependencies),
    devDependencies: { ...versions(devDependencies), ...(pinNode ? { node: manifest.node } : {}) },
  }
  const scripts = installScripts(
    manifest,
    { ...installed.dependencies, ...installed.devDependencies },
    operated,
  )
  const text = {
    name: choices.packageName,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: `>=${OLDEST_NODE}` },
    scripts: appScripts(choices),
    ...(packageManager === 'npm' ? { allowScripts: scripts } : {}),
    ...(packageManager === 'bun'
      ? { trustedDependencies: Object.keys(scripts).filter((name) => scripts[name]) }
      : {}),
    ...installed,
  }
  return [
    { path: 'package.json', text: `${JSON.stringify(text, null, 2)}\n` },
    ...settingsFiles(choices, scripts),
  ]
}

/** The settings files that a package manager reads beside `package.json`. */
function settingsFiles(
  { packageManager, pinNode }: AppChoices,
  scripts: Readonly<Record<string, boolean>>,
): AppFile[] {
  if (packageManager === 'pnpm') return [{ path: 'pnpm-workspace.yaml', text: pnpmSettings(scripts) }]
  if (packageManager !== 'yarn') return []
  return [
    { path: '.yarnrc.yml', text: 'nodeLinker: node-modules\n' },
    // Without this, Yarn 1 does not install on a Node that is too old, although the app brings its own.
    ...(pinNode ? [{ path: '.yarnrc', text: '--ignore-engines true\n' }] : []),
  ]
}

export function versionOf(manifest: Manifest, name: string): string {
  const version = manifest.packages[name]
  if (version === undefined) throw new Error(`The template has no version of ${name}.`)
  return version
}

function appScripts({ store, stores, course }: AppChoices): Record<string, string> {
  const isWithServers = hasServers(stores)
  // They start the server that SESSION_STORE needs and stop it at their end, unless a variable names a server.
  const withServers = (flags: string) =>
    isWithServers ? `node scripts/servers.mjs --for ${store}${flags} -- ` : ''
  return {
    dev: `node scripts/ensure-secret.mjs && ${withServers(' --announce')}next dev --hostname localhost`,
    build: 'next build',
    start: 'next start',
    test: `${withServers('')}node scripts/test.mjs ${store}`,
    typecheck: 'next typegen && tsc --noEmit',
    ...(isOperated(stores) ? { sessions: 'tsx lib/session/ops/sessions.ts' } : {}),
    ...(course ? { [REMOVE_COURSE_SCRIPT]: 'node scripts/remove-course.mjs' } : {}),
  }
}

/** The packages of this app that have an install script, and whether the app needs the script. */
function installScripts(
  manifest: Manifest,
  installed: Readonly<Record<string, string>>,
  hasTsx: boolean,
): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(manifest.installScripts).filter(
      ([name]) => installed[name] !== undefined || (name === 'esbuild' && hasTsx), // tsx brings it
    ),
  )
}

function pnpmSettings(scripts: Readonly<Record<string, boolean>>): string {
  const all = { sharp: false, ...scripts } // a dependency of Next, which works without its script
  const lines = Object.entries(all).map(([name, isNeeded]) => `  ${name}: ${isNeeded}`)
  return `# Whether a package may run its script when it is installed.\nallowBuilds:\n${lines.join('\n')}\n`
}
