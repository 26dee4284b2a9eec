import { expect, test } from './fixtures'

test('every page links to the documentation, and each of its pages has a title', async ({ page }) => {
  await page.goto('/get')
  const links = page.getByRole('navigation', { name: 'Documentation' }).getByRole('link')
  const titles = await links.allTextContents()
  expect(titles.length).toBeGreaterThan(5)

  for (const title of titles) {
    await links.getByText(title, { exact: true }).click()
    await expect(page).toHaveURL(/\/docs/)
    await expect(page.getByRole('article').getByRole('heading', { level: 1 })).toBeVisible()
    await page.goto('/get')
  }
})

test('each link of the documentation leads to a page, and each anchor to a heading', async ({ request }) => {
  const texts = new Map<string, string>()
  const links: { from: string; to: string }[] = []
  await read('/docs')
  expect(texts.size).toBeGreaterThan(10)

  const dead = links.filter(({ to }) => {
    const [path = '', anchor] = to.split('#')
    return anchor !== undefined && !texts.get(path)?.includes(`id="${anchor}"`)
  })
  expect(dead).toEqual([])

  async function read(path: string): Promise<void> {
    const answer = await request.get(path)
    expect(answer.status(), path).toBe(200)
    const [, text = ''] = /<article class="docs">(.*?)<\/article>/s.exec(await answer.text()) ?? []
    texts.set(path, text)
    for (const [, href = ''] of text.matchAll(/href="((?:\/docs|#)[^"]*)"/g)) {
      const to = href.startsWith('#') ? `${path}${href}` : href
      links.push({ from: path, to })
      const [next = ''] = to.split('#')
      if (!texts.has(next)) await read(next)
    }
  }
})
