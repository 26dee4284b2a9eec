import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, posix } from 'node:path'
import { Marked } from 'marked'
import { gfmHeadingId } from 'marked-gfm-heading-id'

/** Pages of the documentation that are not in `docs`. */
const ELSEWHERE = ['lib/session/README.md', 'create-sess-app/README.md', 'SECURITY.md']

/** A Turbopack loader. It exports the documentation as `{ path: { title, html } }`. The build makes the HTML. */
export default function pagesLoader() {
  const root = this.rootContext
  const files = [...markdownFiles(root), ...ELSEWHERE].filter((file) => existsSync(join(root, file)))
  const pages = files.map((file) => {
    this.addDependency(join(root, file))
    return [pathOf(file), render(file, readFileSync(join(root, file), 'utf8'), files)]
  })
  return `export default ${JSON.stringify(Object.fromEntries(pages))}`
}

function markdownFiles(root) {
  if (!existsSync(join(root, 'docs'))) return []
  return readdirSync(join(root, 'docs'), { recursive: true })
    .filter((file) => file.endsWith('.md'))
    .map((file) => posix.join('docs', file.replaceAll('\\', '/')))
    .sort()
}

/** `docs/stores/redis.md` → `stores/redis`; a README has the path of its folder. */
function pathOf(file) {
  return file
    .replace(/^docs\//, '')
    .replace(/(?:^|\/)README\.md$/, '')
    .replace(/\.md$/, '')
    .toLowerCase()
}

export function render(file, text, files) {
  const marked = new Marked(gfmHeadingId(), {
    walkTokens(token) {
      if (token.type === 'link') token.href = hrefOf(file, token.href, files) ?? ''
    },
    renderer: {
      // A link to a file that is no page, such as .env.example, is only its text.
      link({ href, tokens }) {
        return href === '' ? this.parser.parseInline(tokens) : false
      },
    },
  })
  const html = marked
    .parse(text)
    // Keyboard users need to reach what scrolls.
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replaceAll('<table>', '<div class="docs-table" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>')
  return { title: /^# (.*)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? file, html }
}

/** Where a link of a file leads on this site. Undefined when the target is no page. */
function hrefOf(file, href, files) {
  if (/^(?:https?:|#)/.test(href)) return href
  const [path = '', anchor] = href.split('#')
  const target = normalize(join(dirname(file), path)).replace(/\/$/, '')
  const page = [target, `${target}/README.md`].find((each) => files.includes(each))
  if (page === undefined) return undefined
  return `/docs/${pathOf(page)}`.replace(/\/$/, '') + (anchor ? `#${anchor}` : '')
}
