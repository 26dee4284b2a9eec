import { describe, expect, test } from 'vitest'
import { ensureBrowser } from '../../scripts/browser.mjs'

/** A machine that has these files, of which `broken` do not start, and where running a command adds files. */
function fakeMachine({
  files = [] as string[],
  broken = [] as string[],
  env = {} as Record<string, string>,
  isRoot = false,
  afterRun = {} as Record<string, string>,
}) {
  const present = new Set(files)
  const commands: string[] = []
  return {
    commands,
    env: { PATH: '/opt/bin:/usr/bin', ...env },
    isRoot,
    playwrightPath: '/cache/playwright/chrome',
    isExecutable: (path: string) => present.has(path),
    starts: (path: string) => present.has(path) && !broken.includes(path),
    run: (command: string, args: string[]) => {
      const line = [command, ...args].map((word) => word.replace(/^.*\/(node|cli\.js)$/, '$1')).join(' ')
      commands.push(line)
      const added = afterRun[line]
      if (added !== undefined) present.add(added)
      return added !== undefined
    },
    say: () => {},
  }
}

const downloaded = '/cache/playwright/chrome'
const download = 'node cli.js install chromium'

describe('a browser on the machine', () => {
  test("is Playwright's own, when that is there", () => {
    const machine = fakeMachine({ files: ['/usr/bin/chromium', downloaded] })

    expect(ensureBrowser(machine)).toEqual({ path: downloaded })
  })

  test.each(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'])(
    'is %s on the PATH otherwise',
    (name) => {
      expect(ensureBrowser(fakeMachine({ files: [`/usr/bin/${name}`] }))).toEqual({
        path: `/usr/bin/${name}`,
      })
    },
  )

  test('is taken from the first folder of the PATH', () => {
    const machine = fakeMachine({ files: ['/usr/bin/chromium', '/opt/bin/chromium'] })

    expect(ensureBrowser(machine)).toEqual({ path: '/opt/bin/chromium' })
  })

  test('is passed over when it does not start', () => {
    const machine = fakeMachine({ files: [downloaded, '/usr/bin/chromium'], broken: [downloaded] })

    expect(ensureBrowser(machine)).toEqual({ path: '/usr/bin/chromium' })
    expect(machine.commands).toEqual([])
  })

  test('is the one that CHROMIUM_PATH names, before all others', () => {
    const machine = fakeMachine({ files: [downloaded, '/my/chrome'], env: { CHROMIUM_PATH: '/my/chrome' } })

    expect(ensureBrowser(machine)).toEqual({ path: '/my/chrome' })
  })

  test('is not replaced by another when the named one does not start', () => {
    const machine = fakeMachine({ files: [downloaded], env: { CHROMIUM_PATH: '/my/chrome' } })

    expect(ensureBrowser(machine)).toEqual({ problem: expect.stringContaining('/my/chrome') })
  })
})

describe('a machine without a browser', () => {
  test('downloads one', () => {
    const machine = fakeMachine({ afterRun: { [download]: downloaded } })

    expect(ensureBrowser(machine)).toEqual({ path: downloaded })
  })

  test("installs the system's when the download fails and root may", () => {
    const machine = fakeMachine({
      files: ['/usr/bin/apt-get'],
      isRoot: true,
      afterRun: {
        'apt-get update': '',
        'apt-get install -y --no-install-recommends chromium': '/usr/bin/chromium',
      },
    })

    expect(ensureBrowser(machine)).toEqual({ path: '/usr/bin/chromium' })
    expect(machine.commands[0]).toBe(download)
  })

  test('asks no package manager without root', () => {
    const machine = fakeMachine({ files: ['/usr/bin/apt-get'] })
    ensureBrowser(machine)

    expect(machine.commands).toEqual([download])
  })

  test('that can get none is told once what was tried and what to install', () => {
    const machine = fakeMachine({ files: ['/usr/bin/chromium'], broken: ['/usr/bin/chromium'] })

    const result = ensureBrowser(machine)
    const problem = 'problem' in result ? result.problem : ''

    expect(problem).toContain('/usr/bin/chromium: is there but does not start')
    expect(problem).toContain('playwright install chromium: failed')
    expect(problem).toContain('Install Chromium or Google Chrome')
  })
})
