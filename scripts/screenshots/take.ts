import { demos } from '@/app/demos'
import { test } from '@/e2e/fixtures'

const PAGES = ['home', ...demos.map(({ slug }) => slug)]
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 375, height: 740 } }

/** What a visitor has in the session after trying every demo. */
const SESSION = {
  'get.visits': 3,
  'save.note': 'call Ada back',
  'delete.first': 'apples',
  'delete.second': 'pears',
  'delete-all.name': 'Ada',
  'avoid-touch.note': 'a session to watch',
  'regenerate.greeting': 'hello',
  'route-handler.count': 2,
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every page, ${size}, ${colorScheme}`, async ({ newVisitor }) => {
      const page = await newVisitor({ viewport, colorScheme })
      await page.request.patch('/api/session', { data: { set: SESSION } })
      for (const name of PAGES) {
        await page.goto(name === 'home' ? '/' : `/${name}`)
        await page.screenshot({ path: `docs/screenshots/${name}-${size}-${colorScheme}.png`, fullPage: true })
      }
    })
  }
}
