// Turns the reports of Vitest and Playwright into passed and failed. Whatever did not pass failed: a test that was
// skipped, marked as todo, needed a second try or never ran is a missing piece, and must not look like a success.
// @ts-check

/** @typedef {{ passed: number, failed: number }} Totals */

/**
 * @typedef {object} VitestReport the part of Vitest's JSON report that is counted
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults one entry per file
 */

/**
 * @typedef {object} PlaywrightReport the part of Playwright's JSON report that is counted
 * @property {{ expected: number, unexpected: number, flaky: number, skipped: number }} stats
 * @property {unknown[]} errors what went wrong outside of any test
 */

/**
 * @param {VitestReport | undefined} report undefined when the run left none
 * @param {number} exitCode
 * @returns {Totals}
 */
export function countVitest(report, exitCode) {
  const totals = { passed: 0, failed: 0 }
  for (const file of report?.testResults ?? []) {
    const passed = file.assertionResults.filter((test) => test.status === 'passed').length
    totals.passed += passed
    totals.failed += file.assertionResults.length - passed
    // A file that cannot be loaded has no tests to fail.
    if (file.status !== 'passed' && passed === file.assertionResults.length) totals.failed += 1
  }
  return withRunFailure(totals, exitCode)
}

/**
 * @param {PlaywrightReport | undefined} report undefined when the run left none
 * @param {number} exitCode
 * @returns {Totals}
 */
export function countPlaywright(report, exitCode) {
  if (report === undefined) return withRunFailure({ passed: 0, failed: 0 }, exitCode)
  const { expected, unexpected, flaky, skipped } = report.stats
  const totals = { passed: expected, failed: unexpected + flaky + skipped + report.errors.length }
  return withRunFailure(totals, exitCode)
}

/**
 * @param {Totals[]} parts
 * @returns {Totals}
 */
export function sum(parts) {
  return {
    passed: parts.reduce((total, part) => total + part.passed, 0),
    failed: parts.reduce((total, part) => total + part.failed, 0),
  }
}

/**
 * A run that failed without a failed test, or that ran nothing at all, is itself one failure.
 * @param {Totals} totals
 * @param {number} exitCode
 * @returns {Totals}
 */
function withRunFailure(totals, exitCode) {
  const nothingRan = totals.passed + totals.failed === 0
  if (nothingRan || (exitCode !== 0 && totals.failed === 0)) return { ...totals, failed: totals.failed + 1 }
  return totals
}
