// Adds sessions to fresh apps of `create-next-app`, by the packed create-sess-app and by shadcn from a production demo,
// builds and starts them, and counts visits in a real browser, by a Server Function and by a Route Handler.
//
//   npm run test:add                         every app
//   npm run test:add -- --covering           with and without src, with and without Cache Components, and by shadcn
//   npm run test:add -- --only shadcn-src    one app; several: once more for each
//
// The last line is the true total; test-results/summary.json has it too. Needs the package registry.
// @ts-check
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { browserArgs, ensureBrowser, thisMachine } from './browser.mjs'
import { makeEmptyApp } from './empty-app.mjs'
import { chosenCases, newcomersEnvironment, packed, shell, tryCases, whileServing } from './newcomer.mjs'
import { STORES } from './stores.mjs'

/** @typedef {{ src: boolean, cacheComponents: boolean, by: 'create-sess-app' | 'shadcn' | 'every store' }} App */

/** @type {[name: string, app: App][]} */
const APPS = [
  ['flat', { src: false, cacheComponents: false, by: 'create-sess-app' }],
  ['src', { src: true, cacheComponents: false, by: 'create-sess-app' }],
  ['flat-cache-components', { src: false, cacheComponents: true, by: 'create-sess-app' }],
  ['src-cache-components', { src: true, cacheComponents: true, by: 'create-sess-app' }],
  ['every-store', { src: false, cacheComponents: true, by: 'every store' }],
  ['shadcn-flat', { src: false, cacheComponents: true, by: 'shadcn' }],
  ['shadcn-src', { src: true, cacheComponents: false, by: 'shadcn' }],
]
const COVERING = ['src', 'every-store', 'shadcn-src']
const SHADCN = 'shadcn@4.23.0'

/** The flags that `npm run check` holds the folder to; where the compiler keeps what it knows is the repository's own. */
const { tsBuildInfoFile: _, ...STRICTNESS } = JSON.parse(
  readFileSync('tests/copied-folder/tsconfig.json', 'utf8'),
).compilerOptions

/** The eslint.config.mjs is the one of `create-next-app`. */
const TOOL_FILES = {
  'eslint.config.mjs': `import { defineConfig, globalIgnores } from 'eslint/config'
import nextVitals from 'eslint-config-next/core-web-vitals'
import nextTs from 'eslint-config-next/typescript'

export default defineConfig([...nextVitals, ...nextTs, globalIgnores(['.next/**', 'next-env.d.ts'])])
`,
  'tsconfig.strict.json': JSON.stringify({
    extends: './tsconfig.json',
    compilerOptions: { ...STRICTNESS, incremental: false },
    include: ['next-env.d.ts', 'lib/session/**/*.ts', 'proxy.ts', 'instrumentation.ts'],
  }),
  'jest.config.mjs': `import nextJest from 'next/jest.js'

const config = nextJest({ dir: './' })({ moduleNameMapper: { '^@/(.*)$': '<rootDir>/$1' } })
export default async () => ({ ...(await config()), transformIgnorePatterns: ['\\\\.module\\\\.css$'] })
`,
  'visits.test.ts': `import { createCookieStore } from '@/lib/session/stores/cookie'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { createTestSite } from '@/lib/session/testing/test-site'

test('a visit is there at the next request', async () => {
  const site = createTestSite({ store: createCookieStore })
  const browser = new TestBrowser()
  await (await site.open(browser)).set('visits', 1).save()
  expect((await site.open(browser)).get('visits')).toBe(1)
})

test('lib/session can be imported as the app does', async () => {
  expect(await import('@/lib/session')).toHaveProperty('getSession')
})
`,
}

const { values } = parseArgs({
  options: {
    covering: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
})
const apps = chosenCases(APPS, values.only.length > 0 ? values.only : values.covering ? COVERING : [])
const environment = newcomersEnvironment()
// The machine's own Node may be older than what an app with sessions starts on.
const env = { ...environment, PATH: [dirname(process.execPath), environment.PATH].join(delimiter) }
const browserOf = ensureBrowser(thisMachine())
if ('problem' in browserOf) throw new Error(browserOf.problem)
const browser = await chromium.launch({
  executablePath: browserOf.path,
  args: browserArgs(process.getuid?.() === 0),
})
try {
  await tryCases('sess-add-', async (folder) => {
    const command = packed(folder)
    return apps.map(([name, app]) => [name, () => tryApp(join(folder, name), app, command)])
  })
} finally {
  await browser.close()
}

/**
 * @param {string} folder
 * @param {App} app
 * @param {string} command create-sess-app
 */
async function tryApp(folder, { src, cacheComponents, by }, command) {
  makeEmptyApp(folder, { cacheComponents, src })
  if (by === 'shadcn') await addByShadcn(folder)
  else await addTwice(folder, command)
  if (by === 'every store') await addEveryStore(folder, command)
  const app = join(folder, src ? 'src' : '', 'app')
  cpSync('tests/added-app', app, { recursive: true })
  await shell('npx next build', folder, { ...env, SESSION_SECRET: '' }) // an empty one hides that of .env.local
  if (by === 'every store') await tryTools(folder)
  await whileServing('npx next start --hostname localhost', folder, env, seeVisitsCounted)
}

/**
 * @param {string} folder
 * @param {string} command
 */
async function addTwice(folder, command) {
  await shell(`npx ${command} add`, folder, env)
  const before = filesOf(folder)
  const said = await shell(`npx ${command} add`, folder, env)
  if (!said.includes('nothing was changed')) throw new Error(`The second run says:\n${said}`)
  const after = filesOf(folder)
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  )
  if (changed.length > 0) throw new Error(`The second run changed ${changed.join(', ')}.`)
}

/**
 * One after another, as an app grows.
 * @param {string} folder
 * @param {string} command
 */
async function addEveryStore(folder, command) {
  const added = STORES.filter((store) => store !== 'cookie')
  for (const store of added) await shell(`npx ${command} add --no-install --store ${store}`, folder, env)
  await shell(`npx ${command} add`, folder, env) // installs what they all need
}

/**
 * The copied folder, with every store in it, under the tools of its new owner: ESLint as `create-next-app` sets it up,
 * the TypeScript of the app with every strictness flag, and Jest with the line that lib/session/README.md gives.
 * @param {string} folder
 */
async function tryTools(folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules/next/package.json'), 'utf8'))
  const tools = `eslint@9 eslint-config-next@${version} jest@30.5.2 @types/jest@30`
  await shell(`npm install --no-audit --no-fund --loglevel=error --save-dev ${tools}`, folder, env)
  for (const [name, text] of Object.entries(TOOL_FILES)) writeFileSync(join(folder, name), text)
  const ours = 'lib/session proxy.ts instrumentation.ts'
  await shell(`npx eslint --max-warnings 0 ${ours}`, folder, env)
  await shell('npx tsc --noEmit -p tsconfig.strict.json', folder, env)
  await shell('npx jest', folder, env)
  for (const name of Object.keys(TOOL_FILES)) rmSync(join(folder, name))
}

/** @param {string} folder */
async function addByShadcn(folder) {
  await shell('npm install --no-audit --no-fund', folder, env)
  const secret = () => randomBytes(32).toString('base64')
  if (!existsSync('.next/BUILD_ID')) await shell('npm run build', process.cwd(), env)
  const demo = { ...env, SESSION_SECRET: secret() }
  await whileServing('npx next start --hostname localhost', process.cwd(), demo, async (url) => {
    await shell(`npx --yes ${SHADCN} add ${url}/r/session.json --yes`, folder, env)
  })
  if (existsSync(join(folder, 'components.json'))) throw new Error('shadcn made a components.json.')
  writeFileSync(join(folder, '.env.local'), `SESSION_SECRET=${secret()}\n`) // as the item's text says
}

/**
 * What is in a folder, but for what was installed.
 * @param {string} folder
 */
function filesOf(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(folder, 'node_modules')))
  return new Map(paths.map((path) => [path, readFileSync(path, 'latin1')]))
}

/**
 * @param {string} url
 * @param {() => string} said
 */
async function seeVisitsCounted(url, said) {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    /** @type {string[]} */
    const errors = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      const isIcon = message.location().url.endsWith('/favicon.ico') // an empty app has none
      if (message.type() === 'error' && !isIcon) errors.push(message.text())
    })
    await page.goto(url)
    for (const count of [0, 1, 2]) {
      await page.locator('output', { hasText: new RegExp(`^${count}$`) }).waitFor()
      await page.getByRole('button', { name: 'Visit' }).click()
    }
    await page.locator('output', { hasText: /^3$/ }).waitFor()
    const status = await page.evaluate(async () => (await fetch('/visits', { method: 'POST' })).status)
    if (status !== 204) throw new Error(`The Route Handler answers ${status}.`)
    await page.reload()
    await page.locator('output', { hasText: /^4$/ }).waitFor()
    if (errors.length > 0) throw new Error(`The browser says: ${errors.join('\n')}`)
    if (/Error\b/.test(said())) throw new Error('The page is right, but the server printed an error.')
  } finally {
    await context.close()
  }
}
