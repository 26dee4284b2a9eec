import { EXIT } from './errors'

/** The undo steps for a command that fails or is interrupted. They are synchronous, because a signal handler cannot wait. */
const undoing: (() => void)[] = []

/** Registers an undo step. @returns a function that removes the step, once it is no longer needed */
export function onFailure(undo: () => void): () => void {
  undoing.push(undo)
  return () => {
    const at = undoing.indexOf(undo)
    if (at >= 0) undoing.splice(at, 1)
  }
}

/** Runs every undo step, newest first, even when an earlier one fails. */
export function undoAll(): void {
  for (const undo of undoing.splice(0).reverse()) {
    try {
      undo()
    } catch (error) {
      process.stderr.write(`Could not undo everything: ${error instanceof Error ? error.message : error}\n`)
    }
  }
}

/** On Ctrl-C, `kill` and a closed terminal: undoes everything and exits with the code of the signal. */
export function undoOnSignals(say: (message: string, exitCode: number) => void): void {
  for (const [signal, exitCode] of [
    ['SIGINT', EXIT.interrupted],
    ['SIGTERM', EXIT.terminated],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      undoAll()
      say(`Interrupted.${interruptedNote}`, exitCode)
      process.exit(exitCode)
    })
  }
}

let interruptedNote = ' Nothing was written.'

/** Sets the sentence that an interruption prints from now on: what it leaves behind. */
export function leaveOnInterruption(sentence: string): void {
  interruptedNote = ` ${sentence}`
}

/** Node delivers a signal between two pieces of synchronous work, once the event loop turns. */
export async function letSignalsIn(): Promise<void> {
  await new Promise(setImmediate)
  await new Promise(setImmediate) // the first callback may still run in the same turn
}
