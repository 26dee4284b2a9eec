// What a run of tests leaves behind: read from the reports of Vitest and Playwright, and written for `.ci/run`.
// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { countPlaywright, countVitest, failedInPlaywright, failedInVitest } from './count-tests.mjs'

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} failures the name and reason of what failed, as text for people
 */

/**
 * @param {string} path a JSON report of Vitest
 * @param {number} exitCode
 * @returns {Outcome}
 */
export function outcomeOfVitest(path, exitCode) {
  const report = readJson(path)
  return { ...countVitest(report, exitCode), failures: failedInVitest(report) }
}

/**
 * @param {string} path a JSON report of Playwright
 * @param {number} exitCode
 * @returns {Outcome}
 */
export function outcomeOfPlaywright(path, exitCode) {
  const report = readJson(path)
  return { ...countPlaywright(report, exitCode), failures: failedInPlaywright(report) }
}

/**
 * What could not be run at all is one failure.
 * @param {string} reason
 * @returns {Outcome}
 */
export function notRun(reason) {
  return { passed: 0, failed: 1, failures: [reason] }
}

/**
 * Ends a run: test-results/summary.json, the last line of the output and the exit code.
 * @param {Outcome} outcome
 */
export function conclude({ passed, failed, failures }) {
  mkdirSync('test-results', { recursive: true })
  writeFileSync('test-results/summary.json', `${JSON.stringify({ passed, failed, failures })}\n`)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

/** @param {string} path */
function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
