// Makes apps with the packed create-sess-app as a newcomer would, in a folder of their own, and follows the README of
// each word by word: `dev` counts visits, `test` passes, types are right.
//
//   npm run test:scaffold                        every app below; then the other package managers
//   npm run test:scaffold -- --covering          each kind of app and each store once
//   npm run test:scaffold -- --only redis-only-lean   one app; several: once more for each
//
// The last line is the true total; test-results/summary.json has it too.
// @ts-check
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { chosenCases, newcomersEnvironment, packed, shell, tryCases, whileServing } from './newcomer.mjs'
import { STORES } from './stores.mjs'

/**
 * @typedef {object} App
 * @property {import('./stores.mjs').Store} store what `--store` or `--only` says
 * @property {boolean} isOnly whether it has no other
 * @property {boolean} demo
 * @property {string} packageManager
 */

/** Each store once, with the others and without, and both kinds of app. */
const COVERING = [
  'cookie-demo',
  'postgres-lean',
  'redis-only-lean',
  'file-only-lean',
  'sqlite-only-lean',
  'memcached-only-lean',
]

/** With --covering, one of the app and one of the course: the repository runs all of them, on each store where it matters. */
const SPECS = '-- e2e/visits.spec.ts e2e/course/save.spec.ts'

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
  const npm = { packageManager: 'npm' }
  /** @type {[string, App][]} */
  const all = STORES.flatMap((store) => [
    [`${store}-demo`, { store, isOnly: false, demo: true, ...npm }],
    [`${store}-lean`, { store, isOnly: false, demo: false, ...npm }],
    [`${store}-only-demo`, { store, isOnly: true, demo: true, ...npm }],
    [`${store}-only-lean`, { store, isOnly: true, demo: false, ...npm }],
  ])
  for (const packageManager of Object.keys(PACKAGE_MANAGERS)) {
    all.push([
      `sqlite-lean-${packageManager}`,
      { store: 'sqlite', isOnly: false, demo: false, packageManager },
    ])
  }
  return chosenCases(all, values.only.length > 0 ? values.only : values.covering ? COVERING : [])
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {App} app
 * @param {string} command create-sess-app
 */
async function tryApp(folder, name, { store, isOnly, demo, packageManager }, command) {
  const env = environmentWith(folder, packageManager)
  const flags = [isOnly ? '--only' : '--store', store, '--pm', packageManager, ...(demo ? [] : ['--lean'])]
  await shell(`npx ${command} ${name} --yes ${flags.join(' ')}`, folder, env)
  const app = join(folder, name)
  await shell('test -z "$(git status --porcelain)" && test "$(git rev-list --count HEAD)" = 1', app, env)
  await shell(`${packageManager} run typecheck`, app, env)

  const [dev = '', test = '', removal = ''] = commandsOf(join(app, 'README.md'))
  await seeVisitsCounted(dev, app, env, demo ? '/get' : '/')
  // The repository runs the whole suite on the same pages.
  await shell(demo && values.covering ? `${test} ${SPECS}` : test, app, env)
  if (demo && store === 'cookie') await seeApiClosed(app, env) // the others would need their server named
  // With --covering one app shows it, for all have the same stores.
  if (!isOnly && packageManager === 'npm' && !(demo && values.covering)) {
    await seeOtherStores(app, env, store, demo)
  }
  if (demo && store === 'cookie') {
    await shell(`${removal} && npm install --no-audit --no-fund && npm test`, app, env) // its build checks the types
  }
  if (isOnly && store === 'file') await seeOperated(app, env)
}

/**
 * The environment alone makes it run on any other store; on the one that the browser tests differ most on, it passes them.
 * @param {string} app
 * @param {import('./newcomer.mjs').Environment} env
 * @param {import('./stores.mjs').Store} store
 * @param {boolean} isDemo
 */
async function seeOtherStores(app, env, store, isDemo) {
  const path = isDemo ? '/get' : '/'
  for (const SESSION_STORE of ['file', 'database', 'memcached']) {
    await seeVisitsCounted('npm run dev', app, { ...env, SESSION_STORE }, path)
  }
  await shell('npm test', app, { ...env, SESSION_STORE: store === 'redis' ? 'file' : 'redis' })
}

/**
 * Where the packages for development are left out, the operator's command works. By this script's Node: the machine's own
 * may be too old, and the one that an app brings along then is a package for development itself.
 * @param {string} app
 * @param {import('./newcomer.mjs').Environment} env
 */
async function seeOperated(app, env) {
  await shell('npm prune --omit=dev --no-audit --no-fund && test ! -e node_modules/typescript', app, env)
  await shell(`'${process.execPath}' node_modules/.bin/tsx lib/session/ops/sessions.ts doctor`, app, env)
}

/**
 * The commands of a README, in its order.
 * @param {string} path
 */
function commandsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(/```sh\n(.*)\n```/g)].map(([, command]) => command)
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
