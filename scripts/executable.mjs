// @ts-check
import { accessSync, constants, statSync } from 'node:fs'

/**
 * Whether a path is a program that may be run here.
 * @param {string} path
 */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
