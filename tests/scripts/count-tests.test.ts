import { describe, expect, test } from 'vitest'
import { countPlaywright, countVitest, sum } from '../../scripts/count-tests.mjs'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
})

const browserRun = (
  stats: Partial<Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number>>,
  errors = 0,
) => ({
  stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0, ...stats },
  errors: Array.from({ length: errors }),
})

describe('unit tests', () => {
  test('that passed are counted over all files', () => {
    const report = { testResults: [file('passed', 'passed', 'passed'), file('passed', 'passed')] }

    expect(countVitest(report, 0)).toEqual({ passed: 3, failed: 0 })
  })

  test.each(['failed', 'skipped', 'pending', 'todo', 'disabled'])('that are %s count as failed', (status) => {
    expect(countVitest({ testResults: [file('passed', 'passed', status)] }, 0)).toEqual({
      passed: 1,
      failed: 1,
    })
  })

  test('of a file that cannot be loaded are one failure', () => {
    expect(countVitest({ testResults: [file('passed', 'passed'), file('failed')] }, 1)).toEqual({
      passed: 1,
      failed: 1,
    })
  })

  test('that all passed in a run that failed leave one failure', () => {
    expect(countVitest({ testResults: [file('passed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1 })
  })

  test('that were not found are one failure', () => {
    expect(countVitest({ testResults: [] }, 0)).toEqual({ passed: 0, failed: 1 })
  })

  test('of a run that left no report are one failure', () => {
    expect(countVitest(undefined, 0)).toEqual({ passed: 0, failed: 1 })
  })
})

describe('browser tests', () => {
  test('that did what was expected passed', () => {
    expect(countPlaywright(browserRun({ expected: 4 }), 0)).toEqual({ passed: 4, failed: 0 })
  })

  test('that failed, needed a second try, were skipped or never ran count as failed', () => {
    const report = browserRun({ expected: 1, unexpected: 1, flaky: 1, skipped: 2 })

    expect(countPlaywright(report, 1)).toEqual({ passed: 1, failed: 4 })
  })

  test('include what went wrong outside of any test', () => {
    expect(countPlaywright(browserRun({ expected: 1 }, 2), 1)).toEqual({ passed: 1, failed: 2 })
  })

  test('that all passed in a run that failed leave one failure', () => {
    expect(countPlaywright(browserRun({ expected: 4 }), 1)).toEqual({ passed: 4, failed: 1 })
  })

  test('that were not found are one failure', () => {
    expect(countPlaywright(browserRun({}), 0)).toEqual({ passed: 0, failed: 1 })
  })

  test('of a run that left no report are one failure', () => {
    expect(countPlaywright(undefined, 1)).toEqual({ passed: 0, failed: 1 })
  })
})

test('the total adds up every part', () => {
  const parts = [
    { passed: 3, failed: 0 },
    { passed: 0, failed: 1 },
    { passed: 2, failed: 4 },
  ]

  expect(sum(parts)).toEqual({ passed: 5, failed: 5 })
})
