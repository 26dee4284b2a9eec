// The variables in the .env files of a folder, as `next dev` reads them.
// @ts-check
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/** The files `next dev` loads, strongest first. The first one that names a variable wins, even with an empty value. */
export const DEVELOPMENT_ENV_FILES = ['.env.development.local', '.env.local', '.env.development', '.env']

/** @param {string} folder @returns {Record<string, string | undefined>} */
export function variablesOfFiles(folder) {
  const texts = DEVELOPMENT_ENV_FILES.map((file) => join(folder, file)).filter((path) => existsSync(path))
  return Object.assign({}, ...texts.reverse().map((path) => parseEnv(readFileSync(path, 'utf8'))))
}
