import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Marked, type Token } from 'marked'
import { getHeadingList, gfmHeadingId } from 'marked-gfm-heading-id'
import { describe, expect, test } from 'vitest'
import { plainProxy } from '../create-sess-app/src/plain-proxy'
import { variables } from '../lib/session/config/variables'
import { appVariables } from '../lib/session/session-data'
import * as stores from '../lib/session/stores/installed'

const read = (file: string) => readFileSync(file, 'utf8')

const PAGES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((page) => page !== '' && existsSync(page))

const guide = read('lib/session/README.md').replace(/^ {3}/gm, '')

test('the guide shows instrumentation.ts as it is', () => {
  expect(guide).toContain(read('instrumentation.ts').trimEnd())
})

test('the guide shows proxy.ts as it is, but for the policy that this app adds', () => {
  const withoutPolicy = plainProxy(read('proxy.ts'))
  expect(withoutPolicy).not.toMatch(/policy/i)
  expect(guide).toContain(withoutPolicy.trimEnd())
})

test('every variable of the library and of the app is in docs/configuration.md and in .env.example', () => {
  const names = [variables, appVariables].flatMap((each) => Object.keys(each))
  expect(names).toEqual(expect.arrayContaining(['SESSION_SECRET', 'SESSION_ADMIN_TOKEN']))
  for (const file of ['docs/configuration.md', '.env.example']) {
    const text = read(file)
    expect(names.filter((name) => !text.includes(name))).toEqual([])
  }
})

test('every variable of a store is in the table of stores', () => {
  const names = Object.values(stores).flatMap((about) => Object.keys(about.variables))
  expect(names).toContain('DATABASE_URL')
  expect(names.filter((name) => !read('docs/stores/README.md').includes(name))).toEqual([])
})

/** The variables of the first column of a page's tables, with the default beside it. */
function defaultsOf(page: string): Map<string, string> {
  const rows = read(page).matchAll(/^\| `([A-Z_]+)` \| `([^`]+)` \|/gm)
  return new Map([...rows].map(([, name = '', value = '']) => [name, value]))
}

test('.env.example shows the default that docs/configuration.md gives', () => {
  const example = read('.env.example')
  const defaults = defaultsOf('docs/configuration.md')
  expect(defaults.size).toBeGreaterThan(10)
  const shown = [...defaults].map(([name]) => [name, new RegExp(`^# ${name}=(.*)$`, 'm').exec(example)?.[1]])
  expect(new Map(shown as [string, string][])).toEqual(defaults)
})

describe('lib/session/README.md tells what to edit, trust and delete', () => {
  const parts = new Map(
    guide
      .split(/^### /m)
      .slice(1)
      .map((part): [string, string] => [part.slice(0, part.indexOf('\n')), part]),
  )
  /** The paths in the first column of a part's table. */
  const pathsOf = (part: string) =>
    [...(parts.get(part) ?? '').matchAll(/^\| ([^|]+) \|/gm)].flatMap(
      ([, cell = '']) => cell.match(/[\w/.*-]*(?:\.ts|\/)(?=[`\]])/g) ?? [],
    )

  test('the files to edit are there', () => {
    expect(pathsOf('What do I edit?').map((path) => existsSync(`lib/session/${path}`))).toEqual([true, true])
  })

  test('the files to trust are those of core, and each uses only those above it', () => {
    const files = pathsOf('What must I trust?')
    expect([...files].sort()).toEqual(readdirSync('lib/session/core').map((name) => `core/${name}`))
    files.forEach((file, index) => {
      const used = [...read(`lib/session/${file}`).matchAll(/ from '\.\/([\w-]+)'/g)].map(
        ([, name]) => `core/${name}.ts`,
      )
      expect({ file, belowIt: used.filter((other) => files.indexOf(other) >= index) }).toEqual({
        file,
        belowIt: [],
      })
    })
  })

  test('every other file and folder has a row', () => {
    const rows = ['What do I edit?', 'What else runs?', 'What may I delete?'].flatMap(pathsOf)
    const named = new Set([...rows, 'core/', 'stores/', 'README.md'])
    const inFolder = (folder: string) =>
      readdirSync(folder, { withFileTypes: true }).map((entry) =>
        entry.isDirectory() ? `${entry.name}/` : entry.name,
      )
    const stores = inFolder('lib/session/stores').filter((name) => name.endsWith('/'))
    const all = [...inFolder('lib/session'), ...stores.map((name) => `stores/${name}`)]
    expect(all.filter((name) => !named.has(name))).toEqual([])
    expect(rows.filter((path) => !path.includes('*') && !existsSync(`lib/session/${path}`))).toEqual([])
  })
})

test('README fits into three minutes', () => {
  expect(read('README.md').split('\n').length - 1).toBeLessThanOrEqual(150)
})

test('every page of docs is linked from its index, and the index from README', () => {
  expect(linksOf('README.md')).toContain('docs/README.md')
  const indexes = ['docs/README.md', 'docs/stores/README.md', 'docs/decisions/README.md']
  const linked = new Set(indexes.flatMap(linksOf))
  const pages = PAGES.filter((page) => page.startsWith('docs/'))
  expect(pages.filter((page) => page !== 'docs/README.md' && !linked.has(page))).toEqual([])
})

describe('links', () => {
  test.each(PAGES)('every link of %s leads to a file and a heading that are there', (page) => {
    expect(linksOf(page).filter((link) => !isLive(link))).toEqual([])
  })
})

/** The relative links of a page, as paths from the root of the repository, with their anchors. */
function linksOf(page: string): string[] {
  const targets = [...read(page).matchAll(/(?:src|srcset)="([^"]+)"/g)].map(([, target = '']) => target)
  const walkTokens = (token: Token) => {
    if (token.type === 'link') targets.push(token.href)
  }
  new Marked({ walkTokens }).parse(read(page))
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) =>
      target.startsWith('#') ? page + target : join(dirname(page), target).replace(/\/$/, ''),
    )
}

function isLive(link: string): boolean {
  const [file = '', anchor] = link.split('#')
  if (!existsSync(file)) return false
  return anchor === undefined || (statSync(file).isFile() && anchorsOf(file).includes(anchor))
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(file: string): string[] {
  new Marked(gfmHeadingId()).parse(read(file))
  return getHeadingList().map(({ id }) => id)
}
