import { fileURLToPath } from 'node:url'
import { add } from './add'
import { undoAll, undoOnSignals } from './cleanup'
import { create } from './create'
import { CliError, EXIT } from './errors'
import { helpText, parseFlags } from './flags'
import { createReport } from './report'
import { openTemplate } from './template'
import { upgrade } from './upgrade'

declare const VERSION: string

const COMMANDS = { create, add, upgrade }

async function main(args: readonly string[]): Promise<void> {
  const options = parseFlags(args)
  if (options === 'help') return print(helpText())
  if (options === 'version') return print(VERSION)

  const { env, stdin, stdout } = process
  const isTerminal = Boolean(stdin.isTTY && stdout.isTTY) && !env.CI
  const report = createReport({ json: options.json, isTerminal })
  undoOnSignals()
  const template = openTemplate(fileURLToPath(new URL('../template', import.meta.url)))
  const result = await COMMANDS[options.command](options, template, report, isTerminal && !options.json)
  if (options.json) print(JSON.stringify(result, null, 2))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** One line for a person; the stack is for those who ask. Every failure has an exit code that is not 0. */
function fail(error: unknown, args: readonly string[]): void {
  undoAll()
  const isExpected = error instanceof CliError
  const message = isExpected ? error.message : `Unexpected: ${error instanceof Error ? error.message : error}`
  process.exitCode = isExpected ? error.exitCode : EXIT.failed
  if (args.includes('--json'))
    print(JSON.stringify({ error: { message, exitCode: process.exitCode } }, null, 2))
  else if (message) process.stderr.write(`${message}\n`)
  if (args.includes('--debug')) console.error(error)
  else if (!isExpected)
    process.stderr.write('Run it with --debug to see where. It may be a mistake of ours: please report it.\n')
}

const args = process.argv.slice(2)
await main(args).catch((error) => fail(error, args))
