// What `create-next-app` makes when it is asked for nothing but an empty page, of the Next.js that this repository uses.
// @ts-check
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Nothing is installed and no repository is made. Needs the network. */
const QUIET = ['--use-npm', '--skip-install', '--disable-git', '--yes']
const EMPTY = ['--ts', '--app', '--empty', '--no-tailwind', '--no-eslint', '--no-src-dir']

/**
 * @param {string} folder where it goes; made by this
 * @param {{ cacheComponents: boolean }} choices
 * @throws when `create-next-app` fails
 */
export function makeEmptyApp(folder, { cacheComponents }) {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const minor = dependencies.next.replace(/\.\d+$/, '') // create-next-app has not every patch that Next has
  const mode = cacheComponents ? '--cache-components' : '--no-cache-components'
  const child = spawnSync('npx', ['--yes', `create-next-app@${minor}`, folder, ...EMPTY, mode, ...QUIET], {
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (child.status !== 0) throw new Error(`create-next-app@${minor} failed.`)
}
