import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CliError, inWords } from './errors'
import { majorOf } from './versions'

/** An app that sessions can be added to. */
export interface NextApp {
  readonly folder: string
  /** `src`, or empty when `app` is at the root. */
  readonly base: '' | 'src'
  /** The import alias for the folder that holds `app`, such as `@/`. Undefined without one. */
  readonly alias: string | undefined
  readonly packages: Readonly<Record<string, string>>
}

const OLDEST_NEXT = 16

/** @throws {CliError} when there is no Next.js app with an App Router and TypeScript here */
export function findNextApp(folder: string): NextApp {
  const manifest = readJson(join(folder, 'package.json'))
  if (manifest === undefined) {
    throw new CliError(
      `${folder} has no package.json. Run this in the folder of a Next.js app, or make one: create-sess-app my-app`,
    )
  }
  const packages = { ...objectAt(manifest, 'devDependencies'), ...objectAt(manifest, 'dependencies') }
  const next = packages.next
  if (next === undefined) {
    throw new CliError(
      `${folder} is not a Next.js app: its package.json does not list next. Make a new app with: create-sess-app my-app`,
    )
  }
  const major = majorOf(installedVersion(folder, 'next') ?? next)
  if (major !== undefined && major < OLDEST_NEXT) {
    throw new CliError(
      `This app has Next.js ${next}, and sess needs ${OLDEST_NEXT} or later. Upgrade it first: npx @next/codemod upgrade`,
    )
  }
  const base = baseOf(folder)
  if (!existsSync(join(folder, 'tsconfig.json'))) {
    throw new CliError(
      `${folder} has no tsconfig.json, and lib/session is TypeScript. Make an empty one and run next dev once, which fills it in.`,
    )
  }
  return { folder, base, alias: aliasOf(join(folder, 'tsconfig.json'), base), packages }
}

function baseOf(folder: string): '' | 'src' {
  // When both exist, Next uses the one at the root.
  const base = (['', 'src'] as const).find((each) => existsSync(join(folder, each, 'app')))
  if (base !== undefined) return base
  const hasPages = ['', 'src'].some((each) => existsSync(join(folder, each, 'pages')))
  throw new CliError(
    hasPages
      ? `${folder} has only the Pages Router, and sessions need the App Router. Make app/layout.tsx and app/page.tsx first (an app can use both routers).`
      : `${folder} has neither app nor src/app. Make app/layout.tsx and app/page.tsx first.`,
  )
}

/** `@/` for `"@/*": ["./src/*"]`. */
function aliasOf(path: string, base: string): string | undefined {
  const { paths, baseUrl } = objectAt(readJson(path) ?? {}, 'compilerOptions') as Record<string, unknown>
  const from = typeof baseUrl === 'string' ? baseUrl : '.'
  const target = join(base, '*')
  const found = Object.entries(isObject(paths) ? paths : {}).find(([name, targets]) => {
    const first: unknown = Array.isArray(targets) ? targets[0] : undefined
    // The alias is written between quotes in the app's code.
    return /^[^'"`\\\s]*\/\*$/.test(name) && typeof first === 'string' && join(from, first) === target
  })
  return found?.[0].slice(0, -1)
}

/** Reads JSON as TypeScript does, with comments and trailing commas. Undefined when the file does not exist. */
export function readJson(path: string): Record<string, unknown> | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw inWords(error, `Cannot read ${path}`)
  }
  let value: unknown
  try {
    value = parseJsonc(text)
  } catch (error) {
    throw new CliError(`${path} is not valid JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
  if (isObject(value)) return value
  throw new CliError(`${path} is not a JSON object.`)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJsonc(text: string): unknown {
  const plain = text
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string?: string) => string ?? '')
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? '')
  return JSON.parse(plain.replace(/^\uFEFF/, ''))
}

function objectAt(value: Record<string, unknown>, key: string): Record<string, string> {
  const found = value[key]
  return isObject(found) ? (found as Record<string, string>) : {}
}

/** The version in `node_modules`; undefined when it is not installed. */
function installedVersion(folder: string, name: string): string | undefined {
  const version = readJson(join(folder, 'node_modules', name, 'package.json'))?.version
  return typeof version === 'string' ? version : undefined
}

/** Every file under a folder, with `/`. Empty when the folder does not exist. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
}
