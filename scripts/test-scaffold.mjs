// Makes apps with the packed create-sess-app as a newcomer would, in a folder of their own, and follows the README of
// each word by word: `dev` counts visits, `test` passes, types are right.
//
//   npm run test:scaffold                        every store, with demo pages and lean; then the other package managers
//   npm run test:scaffold -- --covering          each store once, demo and lean in turn
//   npm run test:scaffold -- --only redis-lean   one app; several: once more for each
//
// The last line is the true total; test-results/summary.json has it too.
// @ts-check
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { chosenCases, newcomersEnvironment, packed, shell, tryCases, whileServing } from './newcomer.mjs'
import { STORES } from './stores.mjs'

/** @typedef {{ store: import('./stores.mjs').Store, demo: boolean, packageManager: string }} App */

/** Each store once, and both kinds of app. */
const COVERING = ['cookie-demo', 'file-lean', 'sqlite-demo', 'postgres-lean', 'redis-demo', 'memcached-lean']

/** The versions of the package managers that are tried. */
const PACKAGE_MANAGERS = { pnpm: 'pnpm@12.21.0', yarn: 'yarn@1.22.22', bun: 'bun@1.4.5' }

const { values } = parseArgs({
  options: {
    covering: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
})
const apps = chosenApps()
const environment = newcomersEnvironment()
await tryCases('sess-scaffold-', async (folder) => {
  const command = packed(folder)
  return apps.map(([name, app]) => [name, () => tryApp(folder, name, app, command)])
})

function chosenApps() {
  /** @type {[string, App][]} */
  const all = STORES.flatMap((store) => [
    [`${store}-demo`, { store, demo: true, packageManager: 'npm' }],
    [`${store}-lean`, { store, demo: false, packageManager: 'npm' }],
  ])
  for (const packageManager of Object.keys(PACKAGE_MANAGERS)) {
    all.push([`sqlite-lean-${packageManager}`, { store: 'sqlite', demo: false, packageManager }])
  }
  return chosenCases(all, values.only.length > 0 ? values.only : values.covering ? COVERING : [])
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {App} app
 * @param {string} command create-sess-app
 */
async function tryApp(folder, name, { store, demo, packageManager }, command) {
  const env = environmentWith(folder, packageManager)
  const flags = ['--yes', '--store', store, '--pm', packageManager, ...(demo ? [] : ['--lean'])]
  await shell(`npx ${command} ${name} ${flags.join(' ')}`, folder, env)
  const app = join(folder, name)
  await shell('test -z "$(git status --porcelain)" && test "$(git rev-list --count HEAD)" = 1', app, env)
  await shell(`${packageManager} run typecheck`, app, env)

  const [dev = '', test = ''] = commandsOf(join(app, 'README.md'))
  await seeVisitsCounted(dev, app, env, demo ? '/get' : '/')
  await shell(test, app, env)
  if (demo && store === 'cookie') await seeApiClosed(app, env) // the others would need their server named
}

/**
 * The first two commands of a README.
 * @param {string} path
 */
function commandsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(/```sh\n(.*)\n```/g)]
    .slice(0, 2)
    .map(([, command]) => command)
}

/**
 * Runs what the README says and counts two visits, the first without a cookie, through the form of the page.
 * @param {string} command
 * @param {string} app
 * @param {import('./newcomer.mjs').Environment} env
 * @param {string} path
 */
async function seeVisitsCounted(command, app, env, path) {
  await whileServing(command, app, env, async (url) => {
    let cookie = ''
    for (const expected of [0, 1, 2]) {
      const page = await (await fetch(`${url}${path}`, { headers: { cookie } })).text()
      const counted = Number(/<(?:output|dd)[^>]*>(?:<[^>]*>)*(\d+)</.exec(page)?.[1] ?? NaN)
      if (counted !== expected)
        throw new Error(`The page counts ${counted} visits, not ${expected}:\n${page}`)
      cookie = await submitFirstForm(`${url}${path}`, page, cookie)
    }
  })
}

/**
 * As a browser without JavaScript does it.
 * @param {string} url
 * @param {string} page
 * @param {string} cookie
 * @returns {Promise<string>} the cookies after it
 */
async function submitFirstForm(url, page, cookie) {
  const form = new FormData()
  const main = page.slice(page.indexOf('<main'))
  const action = /name="(\$ACTION_ID_[0-9a-f]+)"/.exec(main)?.[1]
  if (action === undefined) throw new Error(`The page has no form:\n${page}`)
  form.set(action, '')
  const headers = { cookie, origin: new URL(url).origin }
  const answer = await fetch(url, { method: 'POST', headers, body: form, redirect: 'manual' })
  const jar = new Map(cookie.split('; ').map((pair) => [pair.split('=', 1)[0], pair]))
  for (const line of answer.headers.getSetCookie())
    jar.set(line.split('=', 1)[0], line.split(';', 1)[0] ?? '')
  return [...jar.values()].filter(Boolean).join('; ')
}

/**
 * An open API that writes any key of a session must not come with an app.
 * @param {string} app
 * @param {import('./newcomer.mjs').Environment} env
 */
async function seeApiClosed(app, env) {
  await whileServing('npm start', app, env, async (url) => {
    const { status } = await fetch(`${url}/api/session`)
    if (status !== 404) throw new Error(`/api/session answers ${status} in production.`)
  })
}

/**
 * A shell with the command of a package manager, installed when it is first needed; npm is there.
 * @param {string} folder
 * @param {string} name
 */
function environmentWith(folder, name) {
  const version = PACKAGE_MANAGERS[/** @type {keyof typeof PACKAGE_MANAGERS} */ (name)]
  if (version === undefined) return environment
  const home = join(folder, `.${name}`)
  const bin = join(home, 'node_modules', '.bin')
  if (!existsSync(bin)) {
    mkdirSync(home)
    writeFileSync(join(home, 'package.json'), '{ "private": true }')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--save-exact', version], {
      cwd: home,
      env: environment,
      stdio: 'inherit',
    })
  }
  return { ...environment, PATH: [bin, environment.PATH].join(delimiter) }
}
