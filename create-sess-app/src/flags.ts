import { readFileSync } from 'node:fs'
import { parseArgs, parseEnv } from 'node:util'
import { usageError } from './errors'
import { PACKAGE_MANAGERS, type PackageManagerName } from './package-managers'
import { STORE_NAMES, STORES, type StoreId, storesNamed } from './stores'

export type Command = 'create' | 'add' | 'upgrade'

/** One row per flag. The parser and `--help` use the same rows. */
const FLAGS = {
  store: {
    type: 'string',
    value: '<name>',
    of: ['create', 'add'],
    text: 'where sessions are kept, see below (cookie)',
  },
  only: {
    type: 'string',
    value: '<name>',
    of: ['create'],
    text: 'leave out all other stores and their packages',
  },
  lean: { type: 'boolean', of: ['create'], text: 'leave out the course; a start page remains' },
  'avoid-touch': {
    type: 'boolean',
    of: ['create', 'add'],
    text: 'only saves extend a session, visits do not',
  },
  pm: {
    type: 'string',
    value: '<name>',
    of: ['create', 'add', 'upgrade'],
    text: PACKAGE_MANAGERS.join(', '),
  },
  'no-install': { type: 'boolean', of: ['create', 'add', 'upgrade'], text: 'do not install packages' },
  'no-git': { type: 'boolean', of: ['create'], text: 'make no repository and no first commit' },
  yes: { type: 'boolean', short: 'y', of: ['create', 'add'], text: 'ask nothing; the default in CI' },
  force: {
    type: 'boolean',
    of: ['create', 'add'],
    text: 'overwrite the files that are in the way',
  },
  'dry-run': {
    type: 'boolean',
    of: ['create', 'add', 'upgrade'],
    text: 'print what would be done, write nothing',
  },
  json: {
    type: 'boolean',
    of: ['create', 'add', 'upgrade'],
    text: 'print one JSON object, ask nothing',
  },
  debug: {
    type: 'boolean',
    of: ['create', 'add', 'upgrade'],
    text: "print stack traces and the package manager's output",
  },
  version: { type: 'boolean', short: 'v', of: [], text: 'print the version' },
  help: { type: 'boolean', short: 'h', of: [], text: 'print this' },
} as const satisfies Record<string, Flag>

interface Flag {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** The placeholder of the value in `--help`. */
  readonly value?: string
  /** The commands that accept it. Empty: it works alone. */
  readonly of: readonly Command[]
  readonly text: string
}

export interface Options {
  readonly command: Command
  /** The folder to create. Undefined when the user did not name one. */
  readonly target: string | undefined
  readonly store: StoreId | undefined
  /** The stores of a new app. Undefined: all of them. */
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
        `--${name} cannot be used with ${command === 'create' ? 'a new app' : command}. See --help.`,
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
 * `--only` without `--store` also selects the store. With `--store` it may still name both databases.
 * @throws {CliError} when `--only` leaves out the store of `--store`
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
  throw usageError(`--only ${only} leaves out the store of --store ${store}. Use only one of the two flags.`)
}

/** The URL that decides which database `database` means. An existing app may have it in its env files. */
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
    return undefined // missing or unreadable; writing to it reports the error
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

Stores. database is sqlite, or postgres if DATABASE_URL names one
${STORES.map(({ id, hint }) => `  ${id.padEnd(11)}${shortened(hint)}`).join('\n')}

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`
}

/** As many clauses of a hint as fit on a line of 80 characters. */
function shortened(hint: string): string {
  const clauses = hint.split('; ')
  const fitting = clauses.filter((_, index) => clauses.slice(0, index + 1).join('; ').length <= 67)
  return fitting.join('; ')
}

export const USAGE = `create-sess-app <folder>  make a Next.js app with sessions
create-sess-app add       add sessions to the app in this folder, or a store
create-sess-app upgrade   update lib/session in this app and keep your edits`
