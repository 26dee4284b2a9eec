import { expect, test } from 'vitest'
import { write } from './apps'
import { fakeCommand, newFolder, run, runCommand } from './cli'

/** What `npm test` of an app gives to the build, as lines of `name=value`. It stops there. */
async function environmentOfTests(only: string): Promise<string> {
  const folder = newFolder()
  await run(folder, ['.', '--only', only, '--lean', '--yes', '--no-install', '--no-git'])
  write(
    folder,
    'scripts/browser.mjs',
    "export const BROWSER_VARIABLE = 'CHROMIUM_PATH'\nexport const ensureBrowser = () => ({ path: '/chromium' })\n",
  )
  const env = { PATH: fakeCommand('next', 'env; exit 3') }
  const { exitCode, stdout, stderr } = await runCommand(folder, ['node', 'scripts/test.mjs', only], env)
  expect([exitCode, stderr]).toEqual([3, ''])
  return stdout
}

test('npm test of an app keeps what the tests of the file store write in a folder of its own', async () => {
  expect(await environmentOfTests('file')).toMatch(/^SESSION_FILE_DIR=.*sessions-/m)
})

test.each(['cookie', 'sqlite'])(
  'npm test of an app with %s alone sets no variable of the file store, which the app would warn of',
  async (only) => {
    const environment = await environmentOfTests(only)
    expect(environment).not.toMatch(/^SESSION_FILE_DIR=/m)
    expect(environment).toMatch(/^E2E_DATA_DIR=.*sessions-/m)
  },
)
