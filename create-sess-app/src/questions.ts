import { cancel, confirm, intro, isCancel, outro, select, text } from '@clack/prompts'
import { CliError, EXIT } from './errors'
import type { Options } from './flags'
import { PACKAGE_MANAGERS, type PackageManagerName } from './package-managers'
import { STORES, type StoreId } from './stores'

export interface Answers {
  readonly target: string
  readonly store: StoreId
  readonly demo: boolean
  readonly packageManager: PackageManagerName
  readonly install: boolean
  readonly git: boolean
}

const END_OF_INPUT = Symbol('end of input')

/** Asks what the flags leave open. Ctrl-C at any question ends the command before anything is written. */
export async function askForApp(
  options: Options,
  detected: PackageManagerName,
  checkTarget: (target: string) => void,
): Promise<Answers> {
  intro('create-sess-app')
  if (options.target !== undefined) checkTarget(options.target)
  const target =
    options.target ??
    (await answer(
      text({
        message: 'What is the app called?',
        placeholder: 'my-app',
        defaultValue: 'my-app',
        validate: (typed) => problemOf(() => checkTarget(typed || 'my-app')),
      }),
    ))
  const store = options.store ?? (await askForStore())
  const demo =
    options.demo ??
    (await answer(
      confirm({
        message: 'With the demo pages?',
        active: 'yes, show sessions at work',
        inactive: 'no, a lean start',
      }),
    ))
  const packageManager =
    options.packageManager ??
    (await answer(
      select({
        message: 'Which package manager?',
        initialValue: detected,
        options: PACKAGE_MANAGERS.map((value) => ({
          value,
          ...(value === detected ? { hint: 'runs this command' } : {}),
        })),
      }),
    ))
  const install = options.install ?? (await answer(confirm({ message: 'Install the packages now?' })))
  const git =
    options.git ?? (await answer(confirm({ message: 'Make a git repository with a first commit?' })))
  outro()
  return { target, store, demo, packageManager, install, git }
}

export function askForStore(): Promise<StoreId> {
  return answer(
    select({
      message: 'Where do sessions live?',
      options: STORES.map(({ id, label, hint }) => ({ value: id, label, hint })),
    }),
  )
}

async function answer<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const given = await Promise.race([question, endOfInput()])
  if (!isCancel(given) && given !== END_OF_INPUT) return given as Exclude<T, symbol>
  cancel('Cancelled. Nothing was written.')
  throw new CliError('', { exitCode: EXIT.interrupted })
}

/** Ctrl-D closes the input under a question, which then waits for ever while nothing is left to do. */
function endOfInput(): Promise<symbol> {
  return new Promise((resolve) => process.once('beforeExit', () => resolve(END_OF_INPUT)))
}

function problemOf(attempt: () => unknown): string | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    return error instanceof CliError ? error.message : String(error)
  }
}
