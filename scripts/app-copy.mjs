// A copy of the app to build or to run in another way, beside the one that a developer may have open.
// @ts-check
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const FILES = [
  'app',
  'docs',
  'lib',
  'proxy.ts',
  'instrumentation.ts',
  'next.config.ts',
  'tsconfig.json',
  'package.json',
]

/**
 * Copies the app's sources; its packages are those of this repository.
 * @param {string} name
 * @returns {string} the folder, inside the repository
 */
export function copyApp(name) {
  const folder = join('test-results', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const file of FILES)
    cpSync(file, join(folder, file), { recursive: true, filter: (path) => !path.includes('screenshots') })
  symlinkSync('../../node_modules', join(folder, 'node_modules'), 'junction') // fonts are named by their path in it
  return folder
}
