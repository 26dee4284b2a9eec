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

const SHOW_CURSOR = '\u001b[?25h'

const COMMANDS = { create, add, upgrade }

async function main(args: readonly string[]): Promise<void> {
  const options = parseFlags(args)
  if (options === 'help') return print(helpText())
  if (options === 'version') return print(VERSION)

  const { env, stdin, stdout } = process
  const isTerminal = Boolean(stdin.isTTY && stdout.isTTY) && !env.CI
  // With --debug the package manager's output is shown, so there is no spinner.
  const report = createReport({ json: options.json, isTerminal: isTerminal && !options.debug })
  // A question hides the cursor, and after a signal it cannot show it again.
  if (isTerminal) process.on('exit', () => stdout.write(SHOW_CURSOR))
  undoOnSignals((message, exitCode) => {
    if (options.json) printError(message, exitCode)
    else process.stderr.write(`\n${message}\n`)
  })
  refuseLostFolder()
  const template = openTemplate(fileURLToPath(new URL('../template', import.meta.url)))
  const result = await COMMANDS[options.command](options, template, report, isTerminal && !options.json)
  if (options.json) print(JSON.stringify(result, null, 2))
}

function refuseLostFolder(): void {
  try {
    process.cwd()
  } catch (error) {
    throw new CliError('The current folder was removed. Change to another one: cd', { cause: error })
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function printError(message: string, exitCode: number): void {
  print(JSON.stringify({ error: { message, exitCode } }, null, 2))
}

/** Prints one line, or the stack with --debug. Every failure has an exit code other than 0. */
function fail(error: unknown, args: readonly string[]): void {
  undoAll()
  const isExpected = error instanceof CliError
  const message = isExpected ? error.message : `Unexpected: ${error instanceof Error ? error.message : error}`
  process.exitCode = isExpected ? error.exitCode : EXIT.failed
  if (args.includes('--json')) printError(message, process.exitCode)
  else if (message) process.stderr.write(`${message}\n`)
  if (args.includes('--debug')) console.error(error)
  else if (!isExpected)
    process.stderr.write(
      'Run it with --debug to see where. This may be a bug in create-sess-app. Please report it.\n',
    )
}

// A reader such as `head` may close the output early. The command still completes.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const args = process.argv.slice(2)
await main(args).catch((error) => fail(error, args))
