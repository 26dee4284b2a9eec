// `npm test`: a production build, then the tests in `e2e` against it, in a real browser.
//
//   node scripts/test.mjs <store> [file ...]     the store that the tests run on, where SESSION_STORE is not set
// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BROWSER_VARIABLE, ensureBrowser } from './browser.mjs'
import { variablesOfFiles } from './env-files.mjs'
import { storeNamed, storeOfApp, storeVariableOf } from './stores.mjs'

const [made = 'cookie', ...files] = process.argv.slice(2)
const said = { ...variablesOfFiles(process.cwd()), ...process.env }
const store = storeOfApp(said, storeNamed(made, 'The store of this app'))
const data = mkdtempSync(join(tmpdir(), 'sessions-'))
const env = {
  ...process.env,
  NEXT_TELEMETRY_DISABLED: '1',
  SESSION_STORE: store === undefined ? said.SESSION_STORE : storeVariableOf(store),
  // What the tests keep is theirs, and goes with them.
  E2E_DATA_DIR: data,
  // Without the file store this is no setting, and the app would warn of it.
  ...(existsSync('lib/session/stores/file') ? { SESSION_FILE_DIR: data } : {}),
  ...(store === 'sqlite' ? { DATABASE_URL: `file:${join(data, 'sessions.db')}` } : {}),
}

try {
  const browser = ensureBrowser()
  if ('problem' in browser) {
    console.error(browser.problem)
    process.exitCode = 1
  } else {
    process.exitCode =
      run('next', ['build'], { ...env, NODE_ENV: 'production' }) ||
      run('playwright', ['test', ...files], { ...env, [BROWSER_VARIABLE]: browser.path })
  }
} finally {
  rmSync(data, { recursive: true, force: true, maxRetries: 5 })
}

/**
 * Runs a program of `node_modules/.bin`, which npm scripts have on their PATH.
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string | undefined>} environment
 * @returns {number} its exit code
 */
function run(program, args, environment) {
  // On Windows what npm installs is a .cmd file, which only a shell runs.
  const isWindows = process.platform === 'win32'
  const { status, error } = spawnSync(
    isWindows ? [program, ...args].join(' ') : program,
    isWindows ? [] : args,
    { env: environment, stdio: ['ignore', 'inherit', 'inherit'], shell: isWindows },
  )
  if (error) console.error(error.message)
  return status ?? 1
}
