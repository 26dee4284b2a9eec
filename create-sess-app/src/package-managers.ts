import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJson } from './next-app'
import { outputOf } from './processes'

export const PACKAGE_MANAGERS = ['npm', 'pnpm', 'yarn', 'bun'] as const
export type PackageManagerName = (typeof PACKAGE_MANAGERS)[number]

const LOCK_FILES: Readonly<Record<string, PackageManagerName>> = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
}

/** The package manager that runs this command; npm when none does. */
export function runningPackageManager(env: NodeJS.ProcessEnv): PackageManagerName {
  const name = env.npm_config_user_agent?.split('/')[0]
  return PACKAGE_MANAGERS.find((known) => known === name) ?? 'npm'
}

/** The package manager whose lock file is nearest above a folder. */
export function lockedPackageManager(folder: string): PackageManagerName | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const found = Object.entries(LOCK_FILES).find(([file]) => existsSync(join(at, file)))
    if (found) return found[1]
    if (existsSync(join(at, '.git')) || dirname(at) === at) return undefined
  }
}

/** The command that runs a script of package.json. */
export function scriptCommand(name: PackageManagerName, script: string): string {
  if (name !== 'npm') return name === 'bun' ? `bun run ${script}` : `${name} ${script}`
  return script === 'test' || script === 'start' ? `npm ${script}` : `npm run ${script}`
}

export function installArguments(name: PackageManagerName): string[] {
  return name === 'npm' ? ['install', '--no-audit', '--no-fund', '--loglevel=error'] : ['install']
}

/** Arguments that add packages in exactly these versions to the app in a folder. */
export function addArguments(
  name: PackageManagerName,
  packages: readonly string[],
  { isDevelopment, folder }: { readonly isDevelopment: boolean; readonly folder: string },
): string[] {
  // The npm package `node` downloads its program in an install script. Some package managers allow that only with a flag.
  const bringsNode = packages.some((each) => each.startsWith('node@'))
  switch (name) {
    case 'npm':
      return [
        ...installArguments('npm'),
        '--save-exact',
        ...(isDevelopment ? ['--save-dev'] : []),
        ...packages,
      ]
    case 'pnpm':
      return [
        'add',
        ...(isPnpmRoot(folder) ? ['--workspace-root'] : []),
        ...(bringsNode ? ['--allow-build=node'] : []),
        '--save-exact',
        ...(isDevelopment ? ['--save-dev'] : []),
        ...packages,
      ]
    case 'yarn': {
      const isYarn1 = (isWorkspaceRoot(folder) || bringsNode) && hasYarn1(folder)
      return [
        'add',
        ...(isYarn1 && isWorkspaceRoot(folder) ? ['--ignore-workspace-root-check'] : []),
        // Without this, Yarn 1 does not install on a Node that is too old, although the app brings its own.
        ...(isYarn1 && bringsNode ? ['--ignore-engines'] : []),
        '--exact',
        ...(isDevelopment ? ['--dev'] : []),
        ...packages,
      ]
    }
    case 'bun':
      return [
        'add',
        ...(bringsNode ? ['--trust'] : []),
        '--exact',
        ...(isDevelopment ? ['--dev'] : []),
        ...packages,
      ]
  }
}

/** pnpm adds packages to the root of a workspace only with a flag. */
function isPnpmRoot(folder: string): boolean {
  return existsSync(join(folder, 'pnpm-workspace.yaml'))
}

/** Yarn 1 needs a flag for this too. Later versions do not need it, and reject the flag. */
function isWorkspaceRoot(folder: string): boolean {
  const workspaces = readJson(join(folder, 'package.json'))?.workspaces
  return typeof workspaces === 'object' && workspaces !== null
}

/** Reads the project's files first, because running `yarn` may download a Yarn. */
function hasYarn1(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const pinned = readJson(join(at, 'package.json'))?.packageManager
    const version = typeof pinned === 'string' ? /^yarn@(\d+)/.exec(pinned)?.[1] : undefined
    if (version !== undefined) return version === '1'
    if (existsSync(join(at, '.yarnrc.yml'))) return false
    const lock = join(at, 'yarn.lock')
    const text = existsSync(lock) ? readFileSync(lock, 'utf8') : ''
    if (text.includes('# yarn lockfile v1')) return true
    if (text.includes('__metadata:')) return false
    if (existsSync(join(at, '.git')) || dirname(at) === at) break
  }
  return outputOf('yarn', ['--version'], folder)?.startsWith('1.') ?? false
}
