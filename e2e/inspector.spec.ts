import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoLinks } from '../app/demos'
import { expect, test } from './fixtures'

/** What `app/_live/inspector.tsx` says, and nothing else does. */
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
  for (const path of ['/', ...demoLinks.map(({ href }) => href), '/no-such-page']) {
    await page.goto(path)
    expect(await page.content()).not.toContain(MARK)
  }
})
