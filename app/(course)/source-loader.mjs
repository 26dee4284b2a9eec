import { relative } from 'node:path'
import { createHighlighter } from 'shiki'

/** The kinds of token that pages show in different colours, and the grammar scopes of each kind. */
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

// Shiki writes colours. Here a colour stands for a kind of token, and the page gets a class for each kind, because the
// Content-Security-Policy allows no inline styles. The style sheet has a light and a dark colour for each class.
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

/** A Turbopack loader. It exports the file as `{ path, text, html }`, so that a page can show the code that runs. */
export default async function sourceLoader(text) {
  highlighter ??= createHighlighter({ themes: [theme], langs: ['tsx'] })
  const { codeToTokensBase } = await highlighter
  // No time limit, because on a busy machine some lines would stay uncoloured.
  const lines = codeToTokensBase(text.trimEnd(), { lang: 'tsx', theme: 'kinds', tokenizeTimeLimit: 0 })
  const html = lines.map((tokens) => lineHtml(tokens)).join('\n')
  const path = relative(this.rootContext, this.resourcePath)
  return `export default ${JSON.stringify({ path, text, html })}`
}

/** One line. Lines that call the session are marked. */
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
