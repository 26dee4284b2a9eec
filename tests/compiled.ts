import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll } from 'vitest'

const CACHE = 'node_modules/.cache' // inside the repository: packages are found from there

/**
 * Compiles a TypeScript file that tests start in processes of their own, once for the calling test file: under `tsx` each
 * process would compile it again, which takes three times as long as all that it is started for.
 * @param script its path from the root of the repository
 * @returns the path of a module that Node.js runs as it is; packages stay imports, and what is imported late stays so
 */
export function compiled(script: string): string {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(resolve(CACHE), 'sess-tests-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  buildSync({
    entryPoints: { script },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  })
  return join(folder, 'script.mjs')
}
