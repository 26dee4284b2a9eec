import { cancel, confirm, intro, isCancel, outro, select, text } from '@clack/prompts'
import { CliError, EXIT } from './errors'
import type { Options } from './flags'
import { PACKAGE_MANAGERS, type PackageManagerName } from './package-managers'
import { STORES, type StoreId } from './stores'

export interface Answers {
  readonly target: string
  readonly store: StoreId
  readonly course: boolean
  readonly packageManager: PackageManagerName
  readonly install: boolean
}

const END_OF_INPUT = Symbol('end of input')

/** Asks what the flags do not answer. Ctrl-C at any question ends the command before it writes anything. */
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
        message: 'What is the name of your app?',
        placeholder: 'my-app',
        defaultValue: 'my-app',
        validate: (typed) => problemOf(() => checkTarget(typed || 'my-app')),
      }),
    ))
  const store = options.store ?? (await askForStore(' (you can change SESSION_STORE later)'))
  const course =
    options.course ??
    (await answer(
      confirm({
        message: 'Include the course?',
        active: 'Yes, lessons that show sessions at work',
        inactive: 'No, only a start page',
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
  outro()
  return { target, store, course, packageManager, install }
}

export function askForStore(note = ''): Promise<StoreId> {
  return answer(
    select({
      message: `Where should sessions be kept?${note}`,
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

/** Ctrl-D closes the input. The question would then wait forever, so this ends it. */
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
