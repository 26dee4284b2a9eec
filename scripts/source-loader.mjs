import { relative } from 'node:path'
import { createHighlighter } from 'shiki'

/** The kinds of token that the page tells apart, and the scopes of the grammar that make them. */
const KINDS = {
  comment: ['comment', 'punctuation.definition.comment'],
  string: ['string', 'punctuation.definition.string', 'punctuation.definition.template-expression'],
  constant: ['constant', 'support.constant'],
  keyword: [
    'keyword.control',
    'storage',
    'keyword.operator.new',
    'keyword.operator.expression',
    'variable.language',
  ],
  name: [
    'entity.name.function',
    'entity.name.tag',
    'support.class.component',
    'entity.name.type',
    'support.type.primitive',
  ],
}

// Colours stand for kinds: the page has one class for each, and its style sheet two colours, light and dark. A
// Content-Security-Policy without inline styles allows no other way.
const kindOf = new Map(Object.keys(KINDS).map((kind, index) => [`#00000${index + 1}`, kind]))
const theme = {
  name: 'kinds',
  type: 'light',
  fg: '#000000',
  bg: '#ffffff',
  settings: [...kindOf].map(([foreground, kind]) => ({ scope: KINDS[kind], settings: { foreground } })),
}

const callsSession = /\bsession\.\w|\b(?:getSession|destroyAllSessions)[<(]/

let highlighter

/** A Turbopack loader: the file itself as `{ path, text, html }`, so that a page can show the source that runs. */
export default async function sourceLoader(text) {
  highlighter ??= createHighlighter({ themes: [theme], langs: ['tsx'] })
  const { codeToTokensBase } = await highlighter
  // No time limit: on a busy machine a line would stay without colours.
  const lines = codeToTokensBase(text.trimEnd(), { lang: 'tsx', theme: 'kinds', tokenizeTimeLimit: 0 })
  const html = lines.map((tokens) => lineHtml(tokens)).join('\n')
  const path = relative(this.rootContext, this.resourcePath)
  return `export default ${JSON.stringify({ path, text, html })}`
}

/** One line. What calls the session is marked: it is what the page is about. */
function lineHtml(tokens) {
  const html = tokens.map(tokenHtml).join('')
  return callsSession.test(tokens.map(({ content }) => content).join('')) ? `<mark>${html}</mark>` : html
}

function tokenHtml({ content, color }) {
  const kind = kindOf.get(color?.toLowerCase())
  return kind ? `<span class="code-${kind}">${escapeHtml(content)}</span>` : escapeHtml(content)
}

function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
