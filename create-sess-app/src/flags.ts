import { readFileSync } from 'node:fs'
import { parseArgs, parseEnv } from 'node:util'
import { usageError } from './errors'
import { PACKAGE_MANAGERS, type PackageManagerName } from './package-managers'
import { STORE_NAMES, STORES, type StoreId, storesNamed } from './stores'

export type Command = 'create' | 'add' | 'upgrade'

/** One row a flag: the parser and `--help` are both made from it. */
const FLAGS = {
  store: {
    type: 'string',
    value: '<name>',
    of: ['create', 'add'],
    text: 'where sessions live, see below (cookie)',
  },
  only: {
    type: 'string',
    value: '<name>',
    of: ['create'],
    text: 'leave out every other store, and its packages',
  },
  lean: { type: 'boolean', of: ['create'], text: 'leave out the course; a start page remains' },
  'avoid-touch': {
    type: 'boolean',
    of: ['create', 'add'],
    text: 'visits do not extend a session, only saving does',
  },
  pm: {
    type: 'string',
    value: '<name>',
    of: ['create', 'add', 'upgrade'],
    text: PACKAGE_MANAGERS.join(', '),
  },
  'no-install': { type: 'boolean', of: ['create', 'add', 'upgrade'], text: 'do not install packages' },
  'no-git': { type: 'boolean', of: ['create'], text: 'no repository, no first commit' },
  yes: { type: 'boolean', short: 'y', of: ['create', 'add'], text: 'ask nothing: so do CI, and no terminal' },
  force: {
    type: 'boolean',
    of: ['create', 'add'],
    text: 'overwrite the files that are in the way, only them',
  },
  'dry-run': {
    type: 'boolean',
    of: ['create', 'add', 'upgrade'],
    text: 'say what would be done, write nothing',
  },
  json: {
    type: 'boolean',
    of: ['create', 'add', 'upgrade'],
    text: 'one JSON object on stdout; asks nothing',
  },
  debug: {
    type: 'boolean',
    of: ['create', 'add', 'upgrade'],
    text: "stack traces, the package manager's own words",
  },
  version: { type: 'boolean', short: 'v', of: [], text: 'print the version' },
  help: { type: 'boolean', short: 'h', of: [], text: 'print this' },
} as const satisfies Record<string, Flag>

interface Flag {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What stands for the value in `--help`. */
  readonly value?: string
  /** The commands that know it; none: all, and it ends them. */
  readonly of: readonly Command[]
  readonly text: string
}

export interface Options {
  readonly command: Command
  /** What to create, or undefined: not said. */
  readonly target: string | undefined
  readonly store: StoreId | undefined
  /** The stores that a new app is to have; undefined: all of them. */
  readonly only: readonly StoreId[] | undefined
  readonly course: boolean | undefined
  readonly avoidTouch: boolean
  readonly packageManager: PackageManagerName | undefined
  readonly install: boolean | undefined
  readonly git: boolean
  readonly yes: boolean
  readonly force: boolean
  readonly dryRun: boolean
  readonly json: boolean
  readonly debug: boolean
}

/** @throws {CliError} with the exit code for wrong usage */
export function parseFlags(args: readonly string[]): Options | 'help' | 'version' {
  const { values, positionals } = parse(args)
  if (values.help) return 'help'
  if (values.version) return 'version'
  const [first, ...rest] = positionals
  const command: Command = first === 'add' || first === 'upgrade' ? first : 'create'
  const extra = command === 'create' ? rest : positionals.slice(1)
  if (extra.length > 0) {
    const hint = command === 'create' ? ' A name with spaces goes in quotes.' : ''
    throw usageError(`Too many arguments: ${extra.map((each) => JSON.stringify(each)).join(' ')}.${hint}`)
  }
  for (const name of Object.keys(values) as (keyof typeof FLAGS)[]) {
    if (!(FLAGS[name].of as readonly Command[]).includes(command)) {
      throw usageError(
        `--${name} does not go with ${command === 'create' ? 'a new app' : command}. See --help.`,
      )
    }
  }
  return {
    command,
    target: command === 'create' ? first : undefined,
    ...storesFrom(
      oneOf('--store', values.store, STORE_NAMES),
      oneOf('--only', values.only, STORE_NAMES),
      databaseUrl(command),
    ),
    course: values.lean ? false : undefined,
    avoidTouch: values['avoid-touch'] ?? false,
    packageManager: oneOf('--pm', values.pm, PACKAGE_MANAGERS),
    install: values['no-install'] ? false : undefined,
    git: !values['no-git'],
    yes: values.yes ?? false,
    force: values.force ?? false,
    dryRun: values['dry-run'] ?? false,
    json: values.json ?? false,
    debug: values.debug ?? false,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. To specify')
    throw usageError(`${sentence.replace(/\.$/, '')}. See --help.`)
  }
}

/**
 * `--only` alone says where sessions live, too; with `--store` it may still name both databases.
 * @throws {CliError} when one leaves out what the other asks for
 */
function storesFrom(
  store: string | undefined,
  only: string | undefined,
  url: string | undefined,
): Pick<Options, 'store' | 'only'> {
  const wanted = storesNamed(store ?? only, url)
  if (only === undefined) return { store: wanted[0], only: undefined }
  const stores = storesNamed(only, url)
  const both = wanted.find((id) => stores.includes(id))
  if (both) return { store: both, only: stores }
  throw usageError(
    `--only ${only} leaves out the store that --store ${store} asks for. Leave one of the two out.`,
  )
}

/** Which database `database` means: an app that is there may say it in its env files. */
function databaseUrl(command: Command): string | undefined {
  if (process.env.DATABASE_URL || command !== 'add') return process.env.DATABASE_URL
  return ENV_FILES.map((file) => variableIn(file, 'DATABASE_URL')).find(Boolean)
}

/** Strongest first. */
const ENV_FILES = ['.env.development.local', '.env.local', '.env.development', '.env']

function variableIn(file: string, name: string): string | undefined {
  try {
    return parseEnv(readFileSync(file, 'utf8'))[name]
  } catch {
    return undefined // there is none, or it cannot be read: writing to it says so
  }
}

function oneOf<T extends string>(
  flag: string,
  value: string | undefined,
  known: readonly T[],
): T | undefined {
  if (value === undefined) return undefined
  const found = known.find((each) => each === value)
  if (found) return found
  throw usageError(`${flag} is ${JSON.stringify(value)}; it must be one of ${known.join(', ')}.`)
}

export function helpText(): string {
  const rows = Object.entries<Flag>(FLAGS).map(([name, { short, value, text }]) => {
    const left = `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`
    return `  ${left.padEnd(22)}${text}`
  })
  return `${USAGE}

${rows.join('\n')}

Stores, all in an app; database is sqlite, or postgres where DATABASE_URL is
${STORES.map(({ id, hint }) => `  ${id.padEnd(11)}${hint}`).join('\n')}

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`
}

export const USAGE = `create-sess-app <folder>  a new Next.js app with web sessions
create-sess-app add       sessions for the app in this folder, or one more store
create-sess-app upgrade   the newest lib/session for this app; your edits stay`
