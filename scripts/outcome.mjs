// What a run of tests leaves behind: read from the reports of Vitest and Playwright, and written for `.ci/run`. Whatever
// did not pass failed: a test that was skipped, marked as todo, needed a second try or never ran is a missing piece, and
// must not look like a success.
// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** Where a run says what passed and what failed. */
export const SUMMARY = 'test-results/summary.json'

const SHOWN_LINES = 12

/** @typedef {{ passed: number, failed: number }} Totals */
/** @typedef {Totals & { failures: string[] }} Outcome the name and reason of what failed, as text for people */

/**
 * The parts of Vitest's JSON report that are read. `message`: why a file could not be loaded.
 * @typedef {{ status: string, fullName: string, failureMessages?: string[] | null }} VitestTest
 * @typedef {{ name: string, status: string, message?: string, assertionResults: VitestTest[] }} VitestFile
 * @typedef {{ testResults: VitestFile[] }} VitestReport
 */

/**
 * The parts of Playwright's JSON report that are read. `errors` of a report: what went wrong outside of any test; a suite is
 * a file or a `describe` in it; the status of a test is `expected` when it passed, and it has a result for each try.
 * @typedef {{ message?: string }} PlaywrightError
 * @typedef {{ projectName: string, status: string, results: { errors?: PlaywrightError[] }[] }} PlaywrightTest
 * @typedef {{ title: string, suites?: PlaywrightSuite[], specs?: { title: string, tests: PlaywrightTest[] }[] }} PlaywrightSuite
 * @typedef {{ expected: number, unexpected: number, flaky: number, skipped: number }} PlaywrightStats
 * @typedef {{ stats: PlaywrightStats, errors: PlaywrightError[], suites?: PlaywrightSuite[] }} PlaywrightReport
 */

/**
 * @param {string} path of a JSON report of Vitest
 * @param {number} exitCode
 * @returns {Outcome}
 */
export function outcomeOfVitest(path, exitCode) {
  const report = readJson(path)
  return { ...countVitest(report, exitCode), failures: failedInVitest(report) }
}

/**
 * @param {string} path of a JSON report of Playwright
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
 * Ends a run: its summary, the last line of the output and the exit code.
 * @param {Outcome} outcome
 */
export function conclude({ passed, failed, failures }) {
  mkdirSync(dirname(SUMMARY), { recursive: true })
  writeFileSync(SUMMARY, `${JSON.stringify({ passed, failed, failures })}\n`)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

/** @param {Totals[]} parts */
export function sum(parts) {
  const total = (/** @type {keyof Totals} */ key) => parts.reduce((before, part) => before + part[key], 0)
  return { passed: total('passed'), failed: total('failed') }
}

/**
 * @param {VitestReport | undefined} report undefined when the run left none
 * @param {number} exitCode
 */
export function countVitest(report, exitCode) {
  const files = (report?.testResults ?? []).map(({ status, assertionResults }) => {
    const passed = assertionResults.filter((test) => test.status === 'passed').length
    const failed = assertionResults.length - passed
    // A file that cannot be loaded has no tests to fail.
    return { passed, failed: failed === 0 && status !== 'passed' ? 1 : failed }
  })
  return withRunFailure(sum(files), exitCode)
}

/**
 * @param {PlaywrightReport | undefined} report undefined when the run left none
 * @param {number} exitCode
 */
export function countPlaywright(report, exitCode) {
  if (report === undefined) return withRunFailure({ passed: 0, failed: 0 }, exitCode)
  const { expected, unexpected, flaky, skipped } = report.stats
  const totals = { passed: expected, failed: unexpected + flaky + skipped + report.errors.length }
  return withRunFailure(totals, exitCode)
}

/**
 * A run that failed without a failed test, or that ran nothing at all, is itself one failure.
 * @param {Totals} totals
 * @param {number} exitCode
 * @returns {Totals}
 */
function withRunFailure({ passed, failed }, exitCode) {
  const isFailure = failed === 0 && (passed === 0 || exitCode !== 0)
  return { passed, failed: isFailure ? 1 : failed }
}

/**
 * What failed, as text for people: the test's name, and below it the first lines of the reason.
 * @param {VitestReport | undefined} report
 * @returns {string[]}
 */
export function failedInVitest(report) {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name)
    const failed = assertionResults.filter((test) => test.status !== 'passed')
    if (failed.length === 0 && status !== 'passed') return [failure(file, [message])]
    return failed.map((test) => failure(`${file} › ${test.fullName}`, test.failureMessages ?? [test.status]))
  })
}

/**
 * As {@link failedInVitest}.
 * @param {PlaywrightReport | undefined} report
 * @returns {string[]}
 */
export function failedInPlaywright(report) {
  const outside = (report?.errors ?? []).map(({ message }) => failure('outside of any test', [message]))
  return [...outside, ...failedInSuites(report?.suites ?? [], [])]
}

/**
 * @param {PlaywrightSuite[]} suites
 * @param {string[]} above the titles of the suites that these are in
 * @returns {string[]}
 */
function failedInSuites(suites, above) {
  return suites.flatMap(({ title, suites: inner = [], specs = [] }) => {
    const path = [...above, title]
    const failed = specs.flatMap((spec) =>
      spec.tests
        .filter(({ status }) => status !== 'expected')
        .map(({ projectName, status, results }) => {
          const reasons = results.flatMap(({ errors = [] }) => errors.map(({ message }) => message))
          const name = [`[${projectName}]`, ...path, spec.title].join(' › ')
          return failure(name, reasons.length > 0 ? reasons : [status])
        }),
    )
    return [...failed, ...failedInSuites(inner, path)]
  })
}

/**
 * @param {string} name
 * @param {(string | undefined)[]} reasons
 */
function failure(name, reasons) {
  const lines = stripVTControlCharacters(reasons.join('\n')).trimEnd().split('\n')
  return [name, ...lines.slice(0, SHOWN_LINES).map((line) => `    ${line}`)].join('\n')
}

/** @param {string} path */
function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
