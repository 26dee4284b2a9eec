import { describe, expect, test } from 'vitest'
import {
  countPlaywright,
  countVitest,
  failedInPlaywright,
  failedInVitest,
  sum,
} from '../../scripts/outcome.mjs'

const file = (status: string, ...tests: string[]) => ({
  name: 'tests/a.test.ts',
  status,
  assertionResults: tests.map((one) => ({ status: one, fullName: 'a test' })),
})

const browserRun = (
  stats: Partial<Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number>>,
  errors = 0,
) => ({
  stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0, ...stats },
  errors: Array.from({ length: errors }, () => ({ message: 'out of memory' })),
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

describe('what failed is told with its reason', () => {
  test('for a unit test', () => {
    const failed = {
      status: 'failed',
      fullName: 'a session expires',
      failureMessages: ['\u001b[31mexpected 1 to be 2\u001b[39m\n  at session.ts'],
    }
    const passed = { status: 'passed', fullName: 'a session lives', failureMessages: [] }
    const report = {
      testResults: [{ name: 'tests/a.test.ts', status: 'failed', assertionResults: [passed, failed] }],
    }

    expect(failedInVitest(report)).toEqual([
      'tests/a.test.ts › a session expires\n    expected 1 to be 2\n      at session.ts',
    ])
  })

  test('for a file that cannot be loaded', () => {
    const report = { testResults: [{ ...file('failed'), message: 'no such module' }] }

    expect(failedInVitest(report)).toEqual(['tests/a.test.ts\n    no such module'])
  })

  test('for a browser test, with the store and the group it is in', () => {
    const spec = (title: string, status: string, ...messages: string[]) => ({
      title,
      tests: [
        { projectName: 'redis', status, results: [{ errors: messages.map((message) => ({ message })) }] },
      ],
    })
    const group = { title: 'without JavaScript', specs: [spec('a visit counts', 'unexpected', 'timed out')] }
    const suites = [{ title: 'get.spec.ts', specs: [spec('it lives', 'expected')], suites: [group] }]

    expect(failedInPlaywright({ ...browserRun({ expected: 1, unexpected: 1 }), suites })).toEqual([
      '[redis] › get.spec.ts › without JavaScript › a visit counts\n    timed out',
    ])
  })

  test('for a browser test that was skipped, which has none', () => {
    const spec = { title: 'a visit', tests: [{ projectName: 'file', status: 'skipped', results: [] }] }

    expect(
      failedInPlaywright({
        ...browserRun({ skipped: 1 }),
        suites: [{ title: 'get.spec.ts', specs: [spec] }],
      }),
    ).toEqual(['[file] › get.spec.ts › a visit\n    skipped'])
  })

  test('for what went wrong outside of any test', () => {
    expect(failedInPlaywright(browserRun({ expected: 1 }, 1))).toEqual([
      'outside of any test\n    out of memory',
    ])
  })

  test('in its first lines, when it is long', () => {
    const failureMessages = [Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n')]
    const failed = { status: 'failed', fullName: 'a test', failureMessages }
    const [text] = failedInVitest({
      testResults: [{ name: 'tests/a.test.ts', status: 'failed', assertionResults: [failed] }],
    })

    expect(text).toContain('line 5')
    expect(text).not.toContain('line 50')
  })

  test('is nothing where no report was left', () => {
    expect([...failedInVitest(undefined), ...failedInPlaywright(undefined)]).toEqual([])
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
