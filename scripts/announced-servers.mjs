// Where `npm run dev` writes which servers it has brought up, so that a command beside it can ask the same ones. They have
// a new port each time, and end with it.
// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @param {string} folder of the app */
const noteOf = (folder) => join(folder, 'node_modules', '.cache', 'sess', 'servers.json')

/**
 * @param {string} folder of the app
 * @param {Record<string, string>} variables what the app is given to find them, until this process ends
 */
export function announce(folder, variables) {
  const path = noteOf(folder)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ folder, pid: process.pid, variables })}\n`, { mode: 0o600 })
  process.once('exit', () => rmSync(path, { force: true }))
}

/**
 * The variables of a command that runs in this folder now.
 * @param {string} folder of the app
 * @returns {Record<string, string> | undefined}
 */
export function announcedVariables(folder) {
  try {
    const note = JSON.parse(readFileSync(noteOf(folder), 'utf8'))
    process.kill(note.pid, 0) // a command that was killed could not take its note back
    return note.folder === folder ? note.variables : undefined // linked packages are shared by several folders
  } catch {
    return undefined // there is no note, or no such process
  }
}
