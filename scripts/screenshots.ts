// The pictures in docs/screenshots, from the production build: every page on a desktop and a phone, light and dark, as a
// newcomer finds it (`-empty`) and after something was done there.
//
//   npm run screenshots                    every page
//   npm run screenshots -- home two-tabs   only these
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import sharp from 'sharp'
import { lessons } from '@/app/(course)/lessons'
import { startServer } from '../e2e/server'
import { DATA_VARIABLE } from '../e2e/server-environment'
import { browserArgs, ensureBrowser, thisMachine } from './browser.mjs'

const FOLDER = 'docs/screenshots'
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }
const ADMIN_TOKEN = 'a token for the time of these pictures'

/** How much of the source at the end of a lesson is in the picture, in pixels. */
const SOURCE_SHOWN = 260

/** What a visitor has in the session after trying every demo. */
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

type Picture = { path: string; page: Page }

const asked = process.argv.slice(2)
const pages = ['home', ...lessons.map(({ slug }) => slug)].filter(isAsked)

build()
const found = ensureBrowser(thisMachine())
if ('problem' in found) throw new Error(found.problem)
mkdirSync(FOLDER, { recursive: true })
const data = mkdtempSync(join(tmpdir(), 'sess-screenshots-'))
process.env[DATA_VARIABLE] = data
const browser = await chromium.launch({
  executablePath: found.path,
  args: browserArgs(process.getuid?.() === 0),
})
try {
  await takeLessons(browser)
  if (isAsked('sessions')) await takeSessions(browser)
} finally {
  await browser.close()
  rmSync(data, { recursive: true, force: true })
}

function isAsked(name: string): boolean {
  return asked.length === 0 || asked.includes(name)
}

/** Each picture of a lesson begins with a browser of its own, so none depends on the one before. */
async function takeLessons(browser: Browser): Promise<void> {
  const server = await startServer()
  try {
    for (const name of pages) {
      await inEachLook(async (look, viewport, colorScheme) => {
        for (const state of ['', '-empty']) {
          const context = await browser.newContext({ baseURL: server.url, viewport, colorScheme })
          const page = await context.newPage()
          if (state === '') await page.request.patch('/api/session', { data: { set: SESSION } })
          await page.goto(name === 'home' ? '/' : `/${name}`)
          const button = state === '' && PRESSED[name]
          if (button) {
            if (name === 'save') await page.getByLabel('Note').fill('call Ada back on Monday')
            await page.getByRole('main').getByRole('button', { name: button, exact: true }).first().click()
            await page.waitForLoadState('networkidle')
          }
          if (name === 'avoid-touch' && state === '') {
            await server.advance({ seconds: 1500 })
            await page.reload()
          }
          await take({ path: `${name}-${look}${state}`, page })
          await context.close()
        }
      })
    }
  } finally {
    await server.stop()
  }
}

/** The list of live sessions, in a store that can tell. */
async function takeSessions(browser: Browser): Promise<void> {
  const server = await startServer({ SESSION_ADMIN_TOKEN: ADMIN_TOKEN }, 'file')
  try {
    for (const state of ['-empty', '']) {
      await inEachLook(async (look, viewport, colorScheme) => {
        const context = await browser.newContext({ baseURL: server.url, viewport, colorScheme })
        const page = await context.newPage()
        if (state === '') {
          for (const visitor of [context, await browser.newContext({ baseURL: server.url })]) {
            await visitor.request.patch('/api/session', { data: { set: SESSION } })
          }
        }
        await page.goto('/sessions')
        await page.getByLabel('SESSION_ADMIN_TOKEN').fill(ADMIN_TOKEN)
        await page.getByRole('button', { name: 'Open' }).click()
        await page.getByRole('heading', { name: 'Live sessions' }).waitFor()
        await page.waitForLoadState('networkidle')
        await take({ path: `sessions-${look}${state}`, page })
        await context.close()
      })
    }
  } finally {
    await server.stop()
  }
}

async function inEachLook(
  work: (
    look: string,
    viewport: { width: number; height: number },
    colorScheme: 'light' | 'dark',
  ) => Promise<void>,
): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await work(`${size}-${colorScheme}`, viewport, colorScheme)
    }
  }
}

/** 64 colours are enough for flat surfaces and text, and make a file a third as large. */
async function take({ path, page }: Picture): Promise<void> {
  const width = page.viewportSize()?.width ?? 0
  const picture = await page.screenshot({
    fullPage: true,
    animations: 'disabled',
    clip: { x: 0, y: 0, width, height: await shownHeight(page) },
  })
  await sharp(picture)
    .png({ palette: true, colours: 64, effort: 10 })
    .toFile(join(FOLDER, `${path}.png`))
  console.log(join(FOLDER, `${path}.png`))
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

function build(): void {
  const { status } = spawnSync('npx', ['next', 'build'], {
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('next build failed.')
}
