import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

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

/** The one that runs this command, as it says itself; npm when none does. */
export function runningPackageManager(env: NodeJS.ProcessEnv): PackageManagerName {
  const name = env.npm_config_user_agent?.split('/')[0]
  return PACKAGE_MANAGERS.find((known) => known === name) ?? 'npm'
}

/** The one whose lock file is nearest above a folder. */
export function lockedPackageManager(folder: string): PackageManagerName | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const found = Object.entries(LOCK_FILES).find(([file]) => existsSync(join(at, file)))
    if (found) return found[1]
    if (existsSync(join(at, '.git')) || dirname(at) === at) return undefined
  }
}

/** How a person types a script of package.json. */
export function scriptCommand(name: PackageManagerName, script: string): string {
  if (name !== 'npm') return name === 'bun' ? `bun run ${script}` : `${name} ${script}`
  return script === 'test' || script === 'start' ? `npm ${script}` : `npm run ${script}`
}

export function installArguments(name: PackageManagerName): string[] {
  return name === 'npm' ? ['install', '--no-audit', '--no-fund', '--loglevel=error'] : ['install']
}

/** Arguments that add packages in exactly these versions. */
export function addArguments(
  name: PackageManagerName,
  packages: readonly string[],
  isDevelopment: boolean,
): string[] {
  switch (name) {
    case 'npm':
      return [
        ...installArguments('npm'),
        '--save-exact',
        ...(isDevelopment ? ['--save-dev'] : []),
        ...packages,
      ]
    case 'pnpm':
      return ['add', '--save-exact', ...(isDevelopment ? ['--save-dev'] : []), ...packages]
    case 'yarn':
    case 'bun':
      return ['add', '--exact', ...(isDevelopment ? ['--dev'] : []), ...packages]
  }
}
