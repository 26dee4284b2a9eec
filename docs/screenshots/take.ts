// The pictures in docs/screenshots, from the production build: every page on a desktop and a phone, light and dark, as a
// newcomer finds it (`-empty`) and after something was done there.
//
//   npm run screenshots                    every page
//   npm run screenshots -- home two-tabs   only these
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import sharp from 'sharp'
import { lessons } from '@/app/(course)/lessons'
import { ADMIN_TOKEN, type Server, startServer } from '../../e2e/server'
import { DATA_VARIABLE } from '../../e2e/server-environment'
import { browserArgs, ensureBrowser } from '../../scripts/browser.mjs'

const FOLDER = 'docs/screenshots'
const SIZES = [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 390, height: 844 }],
] as const
const LOOKS = SIZES.flatMap(([size, viewport]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ size, viewport, colorScheme })),
)

/** How much of the source at the end of a lesson is in the picture, in pixels. */
const SOURCE_SHOWN = 260

/** What a visitor has in the session after trying every lesson. */
const SESSION = {
  'why-sessions.name': 'Ada',
  'get.visits': 3,
  'save.note': 'call Ada back',
  'delete.first': 'apples',
  'delete.second': 'pears',
  'delete-all.name': 'Ada',
  'avoid-touch.note': 'a session to watch',
  'regenerate.greeting': 'hello',
  'route-handler.count': 2,
  'two-tabs.left': 'saved before',
  'what-an-attacker-tries.secret': 'the plans',
}

/** What the visitor then presses, for the page to show what just happened. */
const PRESSED: Record<string, string> = {
  get: 'Count a visit',
  set: 'Set without save',
  save: 'Save',
  delete: 'Delete the first',
  'avoid-touch': 'Turn on',
  regenerate: 'Regenerate',
  'choosing-a-store': 'Save once and time it',
  'two-tabs': 'Save from both at once',
  cookie: 'Flip one bit',
  'what-an-attacker-tries': 'Truncate yours',
}

const asked = process.argv.slice(2)
const isAsked = (name: string) => asked.length === 0 || asked.includes(name)
const lessonPages = ['home', ...lessons.map(({ slug }) => slug)].filter(isAsked)

const env = { ...process.env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' }
const { status } = spawnSync('npx', ['next', 'build'], { env, stdio: 'inherit' })
if (status !== 0) throw new Error('next build failed.')
const found = ensureBrowser()
if ('problem' in found) throw new Error(found.problem)
mkdirSync(FOLDER, { recursive: true })
const data = mkdtempSync(join(tmpdir(), 'sess-screenshots-'))
process.env[DATA_VARIABLE] = data
const browser = await chromium.launch({
  executablePath: found.path,
  args: browserArgs(process.getuid?.() === 0),
})
try {
  for (const name of lessonPages) {
    await withServer(await startServer(), name, ['', '-empty'], showLesson)
  }
  // The list of live sessions, in a store that can tell.
  const server = isAsked('sessions') && (await startServer({ SESSION_ADMIN_TOKEN: ADMIN_TOKEN }, 'file'))
  if (server) await withServer(server, 'sessions', ['-empty', ''], showSessions)
} finally {
  await browser.close()
  rmSync(data, { recursive: true, force: true })
}

/** Each picture begins with a browser of its own, so none depends on the one before. */
async function withServer(
  server: Server,
  name: string,
  states: readonly ('' | '-empty')[],
  show: (page: Page, name: string, isEmpty: boolean, server: Server) => Promise<void>,
): Promise<void> {
  try {
    for (const state of states) {
      for (const { size, viewport, colorScheme } of LOOKS) {
        const context = await browser.newContext({ baseURL: server.url, viewport, colorScheme })
        const page = await context.newPage()
        await show(page, name, state === '-empty', server)
        await take(page, `${name}-${size}-${colorScheme}${state}`)
        await context.close()
      }
    }
  } finally {
    await server.stop()
  }
}

async function showLesson(page: Page, name: string, isEmpty: boolean, server: Server): Promise<void> {
  if (!isEmpty) await page.request.patch('/api/session', { data: { set: SESSION } })
  await page.goto(name === 'home' ? '/' : `/${name}`)
  if (isEmpty) return
  const button = PRESSED[name]
  if (button) {
    if (name === 'save') await page.getByLabel('Note').fill('call Ada back on Monday')
    await page.getByRole('main').getByRole('button', { name: button, exact: true }).first().click()
    await page.waitForLoadState('networkidle')
  }
  if (name === 'avoid-touch') {
    await server.advance({ seconds: 1500 })
    await page.reload()
  }
}

async function showSessions(page: Page, name: string, isEmpty: boolean, { url }: Server): Promise<void> {
  if (!isEmpty) {
    for (const visitor of [page.context(), await browser.newContext({ baseURL: url })]) {
      await visitor.request.patch('/api/session', { data: { set: SESSION } })
    }
  }
  await page.goto(`/${name}`)
  await page.getByLabel('SESSION_ADMIN_TOKEN').fill(ADMIN_TOKEN)
  await page.getByRole('button', { name: 'Open' }).click()
  await page.getByRole('heading', { name: 'Live sessions' }).waitFor()
  await page.waitForLoadState('networkidle')
}

/** 64 colours are enough for flat surfaces and text, and make a file a third as large. */
async function take(page: Page, name: string): Promise<void> {
  const width = page.viewportSize()?.width ?? 0
  const clip = { x: 0, y: 0, width, height: await shownHeight(page) }
  const picture = await page.screenshot({ fullPage: true, animations: 'disabled', clip })
  const file = join(FOLDER, `${name}.png`)
  await sharp(picture).png({ palette: true, colours: 64, effort: 10 }).toFile(file)
  console.log(file)
}

/** A lesson down to the beginning of its source; all of any other page. */
async function shownHeight(page: Page): Promise<number> {
  const whole = await page.evaluate(() => document.documentElement.scrollHeight)
  const source = await page
    .getByRole('region', { name: 'Source of this page' })
    .boundingBox({ timeout: 1000 })
    .catch(() => null)
  return source === null ? whole : Math.min(whole, source.y + SOURCE_SHOWN)
}
