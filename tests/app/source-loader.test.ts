import { expect, test } from 'vitest'
import sourceLoader from '@/app/(course)/source-loader.mjs'

async function load(text: string): Promise<{ path: string; text: string; html: string }> {
  const code = await sourceLoader.call({ rootContext: '/app', resourcePath: '/app/lib/a.ts' }, text)
  return JSON.parse(code.replace('export default ', ''))
}

test('a file is its path from the root, its own text, and the text with its tokens marked', async () => {
  const text = "// why\nconst one = 'a'\n"

  expect(await load(text)).toEqual({
    path: 'lib/a.ts',
    text,
    html: '<span class="code-comment">// why</span>\n<span class="code-keyword">const</span> one = <span class="code-string">\'a\'</span>',
  })
})

test('text that looks like markup is shown, not obeyed', async () => {
  const { html } = await load('const a = "<script>&lt;"')

  expect(html).toContain('&lt;script>&amp;lt;')
})

test('a line that calls the session is marked, another is not', async () => {
  const { html } = await load('await session.save()\nawait other.save()')

  expect(html.split('\n').map((line) => line.startsWith('<mark>'))).toEqual([true, false])
})

test('taking the marks away leaves the file as it was', async () => {
  const text =
    'export function A() {\n  const session = getSession()\n  return <a href="/b">{session.get("c") && 1}</a>\n}'
  const { html } = await load(text)

  expect(
    html
      .replace(/<[^>]+>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&'),
  ).toBe(text)
})
