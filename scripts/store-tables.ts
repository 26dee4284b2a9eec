// The tables of stores in the docs, made from what each store says about itself in `lib/session/stores/<kind>/about.ts`.
// `npm run registry` writes them; a test fails when one is not current.
import { existsSync, readFileSync } from 'node:fs'
import type { StoreAbout } from '../lib/session/stores/about'
import { DEFAULT_STORE, installedStores, storeNames } from '../lib/session/stores/choose'

/** Page → the table that stands there between the two comments. */
const TABLES: Readonly<Record<string, () => string[]>> = {
  'README.md': tableOfNames,
  'lib/session/README.md': tableOfFolders,
  'docs/stores/README.md': tableOfStores,
}

const BEGIN = '<!-- stores: scripts/store-tables.ts writes this table -->'
const END = '<!-- /stores -->'

/** Path → text of the pages with a table of stores. */
export function storePages(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(TABLES).map(([page, table]) => [
      page,
      withTable(readFileSync(page, 'utf8'), page, table()),
    ]),
  )
}

function withTable(text: string, page: string, rows: readonly string[]): string {
  const [before, rest = ''] = text.split(`${BEGIN}\n`)
  const [, after] = rest.split(`${END}\n`)
  if (before === undefined || after === undefined) throw new Error(`${page} has no ${BEGIN} … ${END}.`)
  return `${before}${BEGIN}\n${rows.join('\n')}\n${END}\n${after}`
}

function tableOfNames(): string[] {
  return [
    '| `SESSION_STORE` | where sessions are | what it needs |',
    '|---|---|---|',
    ...storeNames.map((name) => {
      const named = installedStores.filter((store) => store.name === name)
      const where = named.map(({ label, hint }) => `${label}: ${hint}`).join('. Or ')
      return row(name === DEFAULT_STORE ? `\`${name}\` (default)` : `\`${name}\``, where, needsOf(named))
    }),
  ]
}

/** The variables that must be set, and those that may be. */
function needsOf(stores: readonly StoreAbout[]): string {
  const variables = new Set(stores.flatMap((store) => Object.keys(store.variables)))
  const needs = [...variables].map((name) => {
    const mayBeUnset = stores.filter(({ variables }) => variables[name]?.default !== undefined)
    if (mayBeUnset.length === 0) return `\`${name}\``
    const whose =
      mayBeUnset.length < stores.length ? ` for ${mayBeUnset.map(({ label }) => label).join(', ')}` : ''
    return `\`${name}\`, or nothing${whose}`
  })
  return needs.join('; ') || 'nothing'
}

function tableOfFolders(): string[] {
  const shared = new Set(installedStores.flatMap(({ sharedFolders = [] }) => sharedFolders))
  return [
    '| folder | where it keeps sessions | packages that go with it |',
    '|---|---|---|',
    ...installedStores.map(({ kind, label, packages, typePackages }) =>
      row(`\`stores/${kind}/\``, label, codes([...packages, ...typePackages])),
    ),
    ...[...shared].map((folder) => {
      const users = installedStores.filter(({ sharedFolders }) => sharedFolders?.includes(folder))
      return row(`\`stores/${folder}/\``, `what ${users.map(({ label }) => label).join(' and ')} share`, '')
    }),
  ]
}

function tableOfStores(): string[] {
  return [
    '| store | `SESSION_STORE` | in short | its variables | packages |',
    '|---|---|---|---|---|',
    ...installedStores.map(({ name, label, hint, variables, packages }) => {
      const page = existsSync(`docs/stores/${name}.md`) ? `[${label}](${name}.md)` : label
      const rules = Object.entries(variables).map(
        ([variable, { rule, example, default: byDefault }]) =>
          `\`${variable}\`: ${rule}; ${byDefault === undefined ? `for example \`${example}\`` : `\`${byDefault}\` by default`}`,
      )
      return row(page, `\`${name}\``, hint, rules.join('. '), codes(packages))
    }),
  ]
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
