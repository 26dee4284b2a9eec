import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lessonLinks } from '@/app/(course)/lessons'
import { startDevServer } from './dev-server'
import { expect, test } from './fixtures'
import { press, tabTo } from './keyboard'
import { fact, lesson, sessionCard } from './page-parts'

/** What `app/(course)/_live/inspector.tsx` says, and nothing else does. */
const MARK = 'Session inspector'

test('a production build has nothing of the development inspector', async () => {
  const build = join(process.env.E2E_APP_DIR ?? process.cwd(), '.next')
  const folders = ['server', 'static'].map((folder) => join(build, folder))
  const files = (
    await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })))
  )
    .flat()
    .filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(50)

  const found: string[] = []
  for (const { parentPath, name } of files) {
    const file = join(parentPath, name)
    if ((await readFile(file)).includes(MARK)) found.push(file)
  }
  expect(found).toEqual([])
})

test('no page of a production server shows it', async ({ page }) => {
  for (const path of ['/', ...lessonLinks.map(({ href }) => href), '/no-such-page']) {
    await page.goto(path)
    expect(await page.content()).not.toContain(MARK)
  }
})

test('in development every page has it, and it tells of the session and of a refused cookie', async ({
  newVisitor,
}) => {
  test.setTimeout(8 * 60_000) // a development server compiles each page when it is asked for
  const server = await startDevServer()
  try {
    const page = await newVisitor({ baseURL: server.url })
    const inspector = page.getByRole('region', { name: MARK })
    const told = (label: string) => fact(inspector, label)
    const open = async () => {
      await tabTo(page, page.locator('summary').getByText(MARK))
      await page.keyboard.press('Enter')
    }
    await page.goto('/get')
    await press(page, 'Count a visit')
    await expect(fact(lesson(page), 'Visits counted')).toHaveText('1', { timeout: 120_000 })
    await open()
    await expect(told('Public id')).toHaveText(
      (await fact(sessionCard(page), 'Public id').textContent()) ?? '',
    )
    await expect(told('Keys')).toHaveText('get.visits number, 3 B')
    await expect(told('Store')).toHaveText('cookie')
    await expect(told('Key id')).toHaveText(/^\d+$/)
    await expect(told('Limits')).toHaveText('3600 s idle, 86400 s absolute')
    await expect(told('Touch window')).toHaveText('60 s')
    await expect(told('Events')).toHaveText('none')

    await page.goto('/cookie')
    await press(page, 'Flip one bit')
    await expect(fact(lesson(page), 'This visitor')).toHaveText('unknown', { timeout: 120_000 })
    await open()
    await expect(told('Public id')).toHaveText('none yet')
    await expect(told('Events')).toHaveText('refused forged')

    // Its first click makes the server compile the route that it asks itself for.
    await page.goto('/what-an-attacker-tries')
    await press(page, 'Start a session')
    await press(page, 'Forge a cookie')
    await expect(page.getByRole('status')).toHaveText('The attack failed.', { timeout: 120_000 })
  } finally {
    await server.stop()
  }
})
