// Where `npm run dev` writes which servers it has brought up, so that a command beside it can ask the same ones. They have
// a new port each time, and end with it.
// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @param {string} folder of the app */
function noteOf(folder) {
  return join(folder, 'node_modules', '.cache', 'sess', 'servers.json')
}

/**
 * @param {string} folder of the app
 * @param {Record<string, string>} variables what the app is given to find them
 * @returns {() => void} takes it back
 */
export function announce(folder, variables) {
  const path = noteOf(folder)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ folder, pid: process.pid, variables })}\n`, { mode: 0o600 })
  return () => {
    // Of two in one folder the later one has written over it.
    if (readNote(folder)?.pid === process.pid) rmSync(path, { force: true })
  }
}

/**
 * The variables of a command that runs in this folder now.
 * @param {string} folder of the app
 * @returns {Record<string, string> | undefined}
 */
export function announcedVariables(folder) {
  const note = readNote(folder)
  // One that was killed could not take its note back. Linked packages are shared by several folders.
  return note && note.folder === folder && isRunning(note.pid) ? note.variables : undefined
}

/**
 * @param {string} folder
 * @returns {{ folder: string, pid: number, variables: Record<string, string> } | undefined}
 */
function readNote(folder) {
  try {
    return JSON.parse(readFileSync(noteOf(folder), 'utf8'))
  } catch {
    return undefined // there is none
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
