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

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const state of ['', '-empty']) {
      test(`every page, ${size}, ${colorScheme}${state}`, async ({ newVisitor }) => {
        const page = await newVisitor({ viewport, colorScheme })
        if (state === '') await page.request.patch('/api/session', { data: { set: SESSION } })
        for (const name of PAGES) {
          await page.goto(name === 'home' ? '/' : `/${name}`)
          const button = state === '' && BUTTONS[name]
          if (button) {
            await page.getByRole('button', { name: button }).click()
            await page.waitForLoadState('networkidle')
          }
          const path = `docs/screenshots/${name}-${size}-${colorScheme}${state}.png`
          await page.screenshot({ path, fullPage: true })
        }
      })
    }
  }
}
