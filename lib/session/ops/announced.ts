import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The variables of the servers that `npm run dev` has brought up in this folder; undefined when it does not run, or
 * needed none. `scripts/servers.mjs` of the app writes the note that is read here.
 */
export function announcedVariables(folder: string): Record<string, string> | undefined {
  const note = readNote(join(folder, 'node_modules', '.cache', 'sess', 'servers.json'))
  // A run that was killed leaves its note behind. The folder counts too: linked packages are shared by several apps.
  return note && note.folder === folder && isRunning(note.pid) ? note.variables : undefined
}

interface Note {
  readonly folder: string
  readonly pid: number
  readonly variables: Record<string, string>
}

function readNote(path: string): Note | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined // there is none
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
