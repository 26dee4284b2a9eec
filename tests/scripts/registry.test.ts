import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { registryFiles } from '../../scripts/registry'
import { storePages } from '../../scripts/store-tables'

interface RegistryFile {
  readonly target: string
  readonly content: string
}

const item = JSON.parse(registryFiles()['public/r/session.json'] ?? '')
const files: readonly RegistryFile[] = item.files
const importsOf = (text: string) =>
  [...text.matchAll(/(?:^import |\bfrom |\bimport\()'([^'\n]+)'/gm)].map(([, name = '']) => name)

test.each(Object.keys(storePages()))(
  'the table of stores in %s is current; if not: npm run registry',
  (path) => {
    expect(readFileSync(path, 'utf8')).toBe(storePages()[path])
  },
)

describe('the shadcn item', () => {
  test.each(Object.keys(registryFiles()))('is current in %s; if not: npm run registry', (path) => {
    expect(existsSync(path) && readFileSync(path, 'utf8')).toBe(registryFiles()[path])
  })

  test('has every file that its files import, by relative paths', () => {
    const targets = new Set(files.map(({ target }) => target))
    const sources = files.filter(({ target }) => target.endsWith('.ts'))
    const missing = sources.flatMap(({ target, content }) =>
      importsOf(content)
        .filter((name) => /^[.@~#]\.?\//.test(name))
        .map((name) => join(dirname(target), name))
        .filter((path) => !targets.has(`${path}.ts`) && !targets.has(`${path}/index.ts`)),
    )
    expect(missing).toEqual([])
  })

  test('installs every package that its files import, in exact versions, but for Next and React', () => {
    const names = files
      .filter(({ target }) => target.endsWith('.ts'))
      .flatMap(({ content }) => importsOf(content))
      .filter((name) => !/^(?:\.|node:|next\/|next$|react$)/.test(name))
      .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
    const installed = item.dependencies.map((each: string) => each.replace(/@[\d.]+$/, ''))
    // Nothing imports tsx: it runs the operator's command.
    expect(installed.toSorted()).toEqual([...new Set([...names, 'tsx'])].sort())
  })

  test('says that a secret is to be set, and has none', () => {
    expect(item.docs).toContain('SESSION_SECRET')
    expect(item.envVars).toEqual({ SESSION_SECRET: '' })
  })

  test('says that git has to ignore the folder of the sessions', () => {
    expect(item.docs).toMatch(/\/data\/ to \.gitignore/)
  })
})
