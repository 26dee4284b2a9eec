import { EXIT } from './errors'

/** What has to be undone when the command ends before its time, newest first. Synchronous: a signal waits for nothing. */
const undoing: (() => void)[] = []

/** Registers a way back; calling the answer forgets it, since what it guarded is done. */
export function onFailure(undo: () => void): () => void {
  undoing.push(undo)
  return () => {
    const at = undoing.indexOf(undo)
    if (at >= 0) undoing.splice(at, 1)
  }
}

/** Every way back is gone, also when one before it is barred: it guards something else. */
export function undoAll(): void {
  for (const undo of undoing.splice(0).reverse()) {
    try {
      undo()
    } catch (error) {
      process.stderr.write(`Could not undo everything: ${error instanceof Error ? error.message : error}\n`)
    }
  }
}

/** Ctrl-C, `kill` and a closed terminal leave nothing half done, no process behind, and an honest exit code. */
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

/** What an interruption from now on leaves behind, as a sentence for the person who interrupts. */
export function leaveOnInterruption(sentence: string): void {
  interruptedNote = ` ${sentence}`
}

/** A signal is heard between two pieces of synchronous work, once the event loop has gone round. */
export async function letSignalsIn(): Promise<void> {
  await new Promise(setImmediate)
  await new Promise(setImmediate) // the first may still be of the round in which the work was done
}
