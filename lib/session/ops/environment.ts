import { createRequire } from 'node:module'
import { relative } from 'node:path'
import { announcedVariables } from './announced'

// A bundle whose exports an ES import does not find.
const { loadEnvConfig }: typeof import('@next/env') = createRequire(import.meta.url)('@next/env')

export interface Loaded {
  readonly env: Readonly<Record<string, string | undefined>>
  /** `environment`, `npm run dev`, or the file that a variable comes from; undefined when it is not set, or empty. */
  readonly sourceOf: (name: string) => string | undefined
}

/** The servers that `npm run dev` brought up in this folder and runs with now, where the environment itself names none. */
function announcedFor(folder: string, inherited: ReadonlySet<string>): Record<string, string> {
  const variables = Object.entries(announcedVariables(folder) ?? {})
  return Object.fromEntries(variables.filter(([name, value]) => value !== '' && !inherited.has(name)))
}

/**
 * The environment as `next start` would see it in this folder, or `next dev`: that of production, unless development is
 * asked for, here or by NODE_ENV. Next reads the .env files of that mode; the environment goes before them.
 */
export function loadEnvironment(folder: string, isDevelopment: boolean): Loaded {
  const inherited = new Set(Object.keys(process.env))
  const mode = isDevelopment ? 'development' : modeOf(process.env.NODE_ENV)
  Object.assign(process.env, { NODE_ENV: mode })
  const announced = isDevelopment ? announcedFor(folder, inherited) : {}
  Object.assign(process.env, announced)
  const quiet = { info: () => {}, error: console.error } // the output is the command's own
  const { loadedEnvFiles } = loadEnvConfig(folder, mode === 'development', quiet)
  return {
    env: process.env,
    sourceOf(name) {
      if ((process.env[name] ?? '').trim() === '') return undefined
      if (inherited.has(name)) return 'environment'
      if (name in announced) return 'npm run dev'
      return loadedEnvFiles.find(({ env }) => name in env)?.path // strongest first
    },
  }
}

/** How this command was called, for texts that say how to call it again. */
export function ownCommand(): string {
  const { npm_lifecycle_event: script } = process.env as { readonly npm_lifecycle_event?: string }
  const file = relative(process.cwd(), process.argv[1] ?? '')
  return script && script !== 'npx' ? `npm run ${script} --` : `npx tsx ${file}`
}

/** The rule of `readConfig`: `staging`, an empty value and none at all are production. */
function modeOf(name: string | undefined): 'development' | 'test' | 'production' {
  return name === 'development' || name === 'test' ? name : 'production'
}
