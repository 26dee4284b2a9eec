// What `create-next-app` makes when it is asked for nothing but an empty page, of the Next.js that this repository uses.
// @ts-check
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Nothing is installed and no repository is made. Needs the network. */
const QUIET = ['--use-npm', '--skip-install', '--disable-git', '--yes']
const EMPTY = ['--ts', '--app', '--empty', '--no-tailwind', '--no-eslint']

/**
 * @param {string} folder where it goes; made by this
 * @param {{ cacheComponents: boolean, src?: boolean }} choices
 * @throws when `create-next-app` fails
 */
export function makeEmptyApp(folder, { cacheComponents, src = false }) {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const minor = dependencies.next.replace(/\.\d+$/, '') // create-next-app has not every patch that Next has
  const choices = [
    ...EMPTY,
    src ? '--src-dir' : '--no-src-dir',
    cacheComponents ? '--cache-components' : '--no-cache-components',
  ]
  const child = spawnSync('npx', ['--yes', `create-next-app@${minor}`, folder, ...choices, ...QUIET], {
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  })
  if (child.status !== 0) throw new Error(`create-next-app@${minor} failed.\n${child.stdout}${child.stderr}`)
}
