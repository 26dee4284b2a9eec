import { writeFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import sharp from 'sharp'
import { demos } from '@/app/demos'
import { test } from '@/e2e/fixtures'

const PAGES = ['home', ...demos.map(({ slug }) => slug)]
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }

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
  'what-an-attacker-tries.secret': 'the plans',
}

/** What a visitor presses where the page then has more to show. */
const BUTTONS: Record<string, string> = {
  set: 'Set without save',
  regenerate: 'Regenerate',
  'choosing-a-store': 'Save once and time it',
  'what-an-attacker-tries': 'Cut yours short',
}

/** A lesson down to the beginning of its source; all of the home page. */
async function shown(page: Page): Promise<number> {
  const source = page.getByRole('region', { name: 'Source of this page' })
  if ((await source.count()) === 0) return page.evaluate(() => document.documentElement.scrollHeight)
  return ((await source.boundingBox())?.y ?? 0) + 260
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const state of ['', '-empty']) {
      test(`every page, ${size}, ${colorScheme}${state}`, async ({ newVisitor }) => {
        test.setTimeout(5 * 60_000) // a dozen pages, on a machine of any speed
        const page = await newVisitor({ viewport, colorScheme })
        if (state === '') await page.request.patch('/api/session', { data: { set: SESSION } })
        for (const name of PAGES) {
          await page.goto(name === 'home' ? '/' : `/${name}`)
          const button = state === '' && BUTTONS[name]
          if (button) {
            await page.getByRole('button', { name: button }).click()
            await page.waitForLoadState('networkidle')
          }
          const picture = await page.screenshot({
            fullPage: true,
            clip: { x: 0, y: 0, ...viewport, height: await shown(page) },
          })
          const small = await sharp(picture).png({ palette: true, colours: 64, effort: 10 }).toBuffer()
          await writeFile(`docs/screenshots/${name}-${size}-${colorScheme}${state}.png`, small)
        }
      })
    }
  }
}
