import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { plainProxy } from '../create-sess-app/src/plain-proxy'

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

test('every variable that the configuration reads is in docs/configuration.md and in .env.example', () => {
  const config = read('lib/session/config/config.ts')
  const variables = new Set(config.match(/\b(?:SESSION|DATABASE|REDIS|MEMCACHED)_[A-Z_]+(?=: \{)/g))
  expect(variables.size).toBeGreaterThan(20)
  for (const file of ['docs/configuration.md', '.env.example']) {
    const text = read(file)
    expect([...variables].filter((name) => !text.includes(name))).toEqual([])
  }
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

test('README fits into three minutes', () => {
  expect(read('README.md').split('\n').length - 1).toBeLessThanOrEqual(150)
})

test('every page of docs is linked from its index, and the index from README', () => {
  expect(linksOf('README.md')).toContain('docs/README.md')
  const linked = new Set([...linksOf('docs/README.md'), ...linksOf('docs/stores/README.md')])
  const pages = PAGES.filter((page) => page.startsWith('docs/') && !page.startsWith('docs/decisions/'))
  expect(pages.filter((page) => page !== 'docs/README.md' && !linked.has(page))).toEqual([])
})

describe('links', () => {
  test.each(PAGES)('every link of %s leads to a file and a heading that are there', (page) => {
    expect(linksOf(page).filter((link) => !isLive(link))).toEqual([])
  })
})

/** The relative links of a page, as paths from the root of the repository, with their anchors. */
function linksOf(page: string): string[] {
  const text = read(page).replace(/^( *)```.*?^\1```$/gms, '')
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  )
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) =>
      target.startsWith('#') ? page + target : join(dirname(page), target).replace(/\/$/, ''),
    )
}

function isLive(link: string): boolean {
  const [file = '', anchor] = link.split('#')
  if (!existsSync(file)) return false
  if (anchor === undefined) return true
  return statSync(file).isFile() && headingsOf(file).includes(anchor)
}

/** The anchors that GitHub gives the headings of a page. */
function headingsOf(file: string): string[] {
  const text = read(file).replace(/^( *)```.*?^\1```$/gms, '')
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
