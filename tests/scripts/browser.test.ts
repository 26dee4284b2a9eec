import { describe, expect, test } from 'vitest'
import { ensureBrowser } from '../../scripts/browser.mjs'

/** A machine that has these browsers, of which `broken` do not start; each installer adds one, or nothing. */
function fakeMachine({
  named = undefined as string | undefined,
  browsers = [] as string[],
  broken = [] as string[],
  installable = [] as (string | undefined)[],
}) {
  const present = [...browsers]
  const tried: (string | undefined)[] = []
  return {
    tried,
    named,
    find: () => present,
    starts: (path: string) => !broken.includes(path) && (present.includes(path) || path === named),
    installers: installable.map((path) => () => {
      tried.push(path)
      if (path !== undefined) present.push(path)
    }),
  }
}

describe('a browser on the machine', () => {
  test('is the first that starts, and nothing is installed', () => {
    const machine = fakeMachine({
      browsers: ['/broken', '/usr/bin/chromium', '/usr/bin/chrome'],
      broken: ['/broken'],
      installable: ['/downloaded'],
    })

    expect(ensureBrowser(machine)).toEqual({ path: '/usr/bin/chromium' })
    expect(machine.tried).toEqual([])
  })

  test('is the one that CHROMIUM_PATH names, before all others', () => {
    expect(ensureBrowser(fakeMachine({ named: '/my/chrome', browsers: ['/usr/bin/chromium'] }))).toEqual({
      path: '/my/chrome',
    })
  })

  test('is not replaced by another when the named one does not start', () => {
    const machine = fakeMachine({
      named: '/my/chrome',
      browsers: ['/usr/bin/chromium'],
      broken: ['/my/chrome'],
    })

    expect(ensureBrowser(machine)).toEqual({ problem: expect.stringContaining('CHROMIUM_PATH=/my/chrome') })
  })
})

describe('a machine without a browser', () => {
  test('tries each installer until one brings a browser that starts', () => {
    const machine = fakeMachine({
      installable: [undefined, '/broken', '/usr/bin/chromium', '/never'],
      broken: ['/broken'],
    })

    expect(ensureBrowser(machine)).toEqual({ path: '/usr/bin/chromium' })
    expect(machine.tried).toEqual([undefined, '/broken', '/usr/bin/chromium'])
  })

  test('that can get none is told what does not start and what to install', () => {
    const machine = fakeMachine({ browsers: ['/usr/bin/chromium'], broken: ['/usr/bin/chromium'] })

    const result = ensureBrowser(machine)
    const problem = 'problem' in result ? result.problem : ''

    expect(problem).toContain('/usr/bin/chromium is there but does not start')
    expect(problem).toContain('npx playwright install --with-deps chromium')
    expect(problem).toContain('CHROMIUM_PATH')
  })
})
