import { expect, test } from './fixtures'
import { press, tabTo, typeAndSend } from './keyboard'
import { fact, lesson } from './page-parts'

test('the first stop skips to the content', async ({ page }) => {
  await page.goto('/get')
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to content' })
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()

  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Count a visit' })).toBeFocused()
})

test('a visitor says a name', async ({ page }) => {
  await page.goto('/why-sessions')
  await typeAndSend(page, 'Your name', 'Ada')

  await expect(fact(lesson(page), 'So you are')).toHaveText('Ada')
})

test('a visitor counts visits with Tab, Enter and Space', async ({ page }) => {
  await page.goto('/get')
  await press(page, 'Count a visit')
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('1')

  await tabTo(page, page.getByRole('button', { name: 'Count a visit' }))
  await page.keyboard.press('Space')
  await expect(fact(lesson(page), 'Visits counted')).toHaveText('2')
})

test('the focus stays on the button that was pressed, and in the field that was sent', async ({ page }) => {
  await page.goto('/get')
  await tabTo(page, page.getByRole('button', { name: 'Count a visit' }))
  for (const count of ['1', '2', '3']) {
    await page.keyboard.press('Enter')
    await expect(fact(lesson(page), 'Visits counted')).toHaveText(count)
    await expect(page.getByRole('button', { name: 'Count a visit' })).toBeFocused()
  }

  await page.goto('/save')
  await typeAndSend(page, 'Note', 'typed')
  await expect(fact(lesson(page), 'Saved note')).toHaveText('typed')
  await expect(page.getByLabel('Note')).toBeFocused()
})

test('a visitor sets a colour without saving it', async ({ page }) => {
  await page.goto('/set')
  await typeAndSend(page, 'Colour', 'plum')

  await expect(fact(lesson(page), 'In that request')).toHaveText('plum')
})

test('a visitor saves a note by typing it and pressing Enter, and fills the cookie', async ({ page }) => {
  await page.goto('/save')
  await typeAndSend(page, 'Note', 'typed, not clicked')
  await expect(fact(lesson(page), 'Saved note')).toHaveText('typed, not clicked')

  await press(page, 'Add 600 bytes')
  await expect(page.getByText(/save.filler 'x/)).toBeVisible()
})

test('a visitor deletes one key', async ({ page }) => {
  await page.goto('/delete')
  await press(page, 'Save both keys')
  await expect(fact(lesson(page), 'delete.first')).toHaveText('apple')
  await press(page, 'Delete the first')

  await expect(fact(lesson(page), 'delete.first')).toHaveText('absent')
})

test('a visitor saves a name and destroys the session', async ({ page }) => {
  await page.goto('/delete-all')
  await typeAndSend(page, 'Name', 'Ada')
  await expect(fact(lesson(page), 'Name')).toHaveText('Ada')
  await press(page, 'Destroy the session')

  await expect(fact(lesson(page), 'Name')).toHaveText('nothing')
})

test('a visitor switches avoid touch on', async ({ page }) => {
  await page.goto('/avoid-touch')
  await press(page, 'Save something first')
  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('off')
  await press(page, 'Turn on')

  await expect(fact(lesson(page), 'Avoid touch')).toHaveText('on')
})

test('a visitor regenerates the session', async ({ page }) => {
  await page.goto('/regenerate')
  await typeAndSend(page, 'Greeting', 'hello')
  await expect(fact(lesson(page), 'Greeting')).toHaveText('hello')
  await press(page, 'Regenerate')

  await expect(fact(lesson(page), 'Public id after')).toBeVisible()
})

test('a visitor sends a PATCH and reads the answer', async ({ page }) => {
  await page.goto('/route-handler')
  await press(page, 'Add one with PATCH')

  await expect(page.getByRole('status', { name: 'Response' })).toContainText('PATCH 200')
})

test('a visitor flips one bit of the cookie, and flips it back', async ({ page }) => {
  await page.goto('/cookie')
  await press(page, 'Save something first')
  await expect(fact(lesson(page), 'This visitor')).toHaveText(/^known, /)
  await press(page, 'Flip one bit')
  await expect(fact(lesson(page), 'This visitor')).toHaveText('unknown')
  await press(page, 'Flip it back')

  await expect(fact(lesson(page), 'This visitor')).toHaveText(/^known, /)
})

test('a visitor saves from two tabs at once', async ({ page }) => {
  await page.goto('/two-tabs')
  await press(page, 'Save something first')
  await expect(page.getByRole('button', { name: 'Save from both at once' })).toBeVisible()
  await press(page, 'Save from both at once')

  await expect(page.getByRole('figure', { name: 'Time line of the two requests' })).toBeVisible()
})

test('a visitor times a save', async ({ page }) => {
  await page.goto('/choosing-a-store')
  await press(page, 'Save once and time it')

  await expect(fact(lesson(page), 'Saves')).toHaveText('1')
})

test('a visitor attacks', async ({ page }) => {
  await page.goto('/what-an-attacker-tries')
  await press(page, 'Start a session')
  await expect(page.getByRole('button', { name: 'Truncate yours' })).toBeVisible()
  await press(page, 'Truncate yours')

  await expect(page.getByRole('status')).toHaveText('The attack failed.')
})

test('a visitor goes from lesson to lesson', async ({ page }) => {
  await page.goto('/get')
  await tabTo(
    page,
    page.getByRole('navigation', { name: 'Lessons' }).getByRole('link', { name: 'Regenerate' }),
  )
  await page.keyboard.press('Enter')

  await expect(page.getByRole('heading', { level: 1, name: 'Regenerate' })).toBeVisible()
})

test('a visitor goes from lesson to lesson on a phone: the list opens, and closes behind the choice', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto('/get')
  const lessons = page.getByRole('navigation', { name: 'Lessons' })
  await expect(lessons).toBeHidden()

  await tabTo(page, page.getByRole('button', { name: 'Lessons' }))
  await page.keyboard.press('Enter')
  await tabTo(page, lessons.getByRole('link', { name: 'Save', exact: true }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Save' })).toBeVisible()
  await expect(lessons).toBeHidden()
})

test('a visitor switches the theme', async ({ page }) => {
  await page.goto('/get')
  await tabTo(page, page.getByRole('button', { name: 'Light' }))
  await page.keyboard.press('Space')

  await expect(page.getByRole('button', { name: 'Light', pressed: true })).toBeVisible()
})
