// The operator's command, on the store that the server uses: npx tsx lib/session/ops/sessions.ts <command>. It needs the
// packages tsx and @next/env. To run it by `npm run`, add to package.json: "sessions": "tsx lib/session/ops/sessions.ts".
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { SessionError } from '../core/errors'
import { appVariables } from '../session-data'
import { readConfig, storeContext } from '../site'
import { installedStores } from '../stores/choose'
import { SessionConfigError, SessionStoreError } from '../stores/errors'
import { openStore } from '../stores/open'
import { type Command, commands, type Outcome } from './commands'
import { explain } from './doctor'
import { type Loaded, loadEnvironment, ownCommand } from './environment'
import { createRedactor } from './redact'

const HELP = `${ownCommand()} <command>

  sweep        removes expired sessions
  stats        counts the live and the expired
  destroy-all  ends every session; asks first
  doctor       shows the configuration and tries the store; for CI: exit code 1 when there is a problem

  --json       one JSON object instead of text; with npm: npm run --silent
  --yes        destroy-all does not ask
  --strict     doctor: a warning is exit code 1 too
  --dev        the rules and .env files of development; otherwise those of production
  --help       this text

With --dev the command uses the servers that a running npm run dev has started.
Exit codes: 0 done, 1 failed or refused, 2 no such command or flag.`

interface Flags {
  readonly json: boolean
  readonly yes: boolean
  readonly strict: boolean
  readonly dev: boolean
}

class UsageError extends Error {}

function parse(args: readonly string[]): { name: string; flags: Flags } | 'help' {
  const options = {
    json: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    dev: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    if (values.help) return 'help'
    const [name, ...rest] = positionals
    if (name === undefined) throw new Error('A command is missing.')
    if (!Object.hasOwn(commands, name)) throw new Error(`There is no command ${JSON.stringify(name)}.`)
    if (rest.length > 0) throw new Error(`${name} takes no argument.`)
    if (values.yes && name !== 'destroy-all') throw new Error('--yes is for destroy-all.')
    if (values.strict && name !== 'doctor') throw new Error('--strict is for doctor.')
    return { name, flags: values }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

async function run(command: Command, flags: Flags, { env, sourceOf }: Loaded): Promise<Outcome> {
  const config = readConfig(env)
  const store = await openStore(storeContext(config))
  try {
    return await command({
      config,
      store,
      sourceOf,
      now: Date.now,
      confirm: flags.yes ? async () => true : flags.json ? refuse : askYesOrNo,
      isStrict: flags.strict,
    })
  } finally {
    await store.close()
  }
}

async function refuse(): Promise<never> {
  throw new SessionError(
    'unconfirmed',
    'destroy-all ends every session and asks first, but there is no terminal. To answer yes, add --yes.',
  )
}

async function askYesOrNo(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return refuse()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} y/N `)).trim())
  } catch {
    return false // Ctrl+C or the end of the input
  } finally {
    terminal.close()
  }
}

function nextStep(name: string): string {
  const again =
    name === 'destroy-all' ? 'Sessions may be left: run it again when the store works, it does no harm. ' : ''
  return `${again}What is wrong: ${ownCommand()} doctor`
}

/** Whether a text names the variable of a server that `npm run dev` starts when the variable is not set. */
function namesServer(text: string): boolean {
  const optional = installedStores.flatMap(({ variables }) =>
    Object.keys(variables).filter((name) => variables[name]?.default !== undefined),
  )
  const servers = installedStores.filter(({ needsServer }) => needsServer)
  return servers
    .flatMap(({ variables }) => Object.keys(variables))
    .some((name) => !optional.includes(name) && text.includes(name))
}

const OWN_SERVER =
  'If no variable names a server, npm run dev starts one. While it runs in this folder, --dev uses that server.'

async function main(): Promise<number> {
  const parsed = parse(process.argv.slice(2))
  if (parsed === 'help') {
    console.log(HELP)
    return 0
  }
  const { name, flags } = parsed
  const command = commands[name] as Command // `parse` lets no other name through
  const loaded = loadEnvironment(process.cwd(), flags.dev)
  const redact = createRedactor(loaded.env, appVariables)
  const say = (json: object) =>
    console.log(JSON.stringify(json, (_, value) => (typeof value === 'string' ? redact(value) : value), 2))
  try {
    const { ok, json, lines } = await run(command, flags, loaded)
    if (flags.json) say({ command: name, ok, ...json })
    else (ok || name === 'doctor' ? console.log : console.error)(lines.map(redact).join('\n'))
    return ok ? 0 : 1
  } catch (error) {
    if (!(error instanceof SessionError)) throw error
    const problems =
      error instanceof SessionConfigError ? { problems: error.problems, warnings: error.warnings } : {}
    if (flags.json)
      say({ command: name, ok: false, error: { code: error.code, message: explain(error), ...problems } })
    console.error(redact(explain(error)))
    if (error instanceof SessionStoreError) console.error(nextStep(name))
    if (flags.dev && namesServer(error.message)) console.error(OWN_SERVER)
    return 1
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n\n${HELP}`)
  process.exitCode = 2
}
