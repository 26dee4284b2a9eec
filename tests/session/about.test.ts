import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { helpText } from '@/create-sess-app/src/flags'
import { STORES } from '@/create-sess-app/src/stores'
import { readConfig } from '@/lib/session/config/config'
import { showVariables, variables as variablesOfAll } from '@/lib/session/config/variables'
import type { StoreAbout } from '@/lib/session/stores/about'
import { aboutStore, chooseOldStore, installedStores, showPlace } from '@/lib/session/stores/choose'
import * as installed from '@/lib/session/stores/installed'
import { TEST_SECRET } from '@/lib/session/testing/test-records'

const FOLDER = 'lib/session/stores'

/** The packages that a file imports; those of Node.js do not count. */
function packagesIn(file: string): string[] {
  const names = [...readFileSync(file, 'utf8').matchAll(/(?:^import |\bfrom |\bimport\()'([^'\n]+)'/gm)]
  return names
    .map(([, name = '']) => name)
    .filter((name) => !/^(?:\.|node:)/.test(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
}

function examplesOf({ variables }: StoreAbout): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, { example }]) => [name, example]))
}

const configOf = (about: StoreAbout) =>
  readConfig({
    NODE_ENV: 'test',
    SESSION_SECRET: TEST_SECRET,
    SESSION_STORE: about.name,
    ...examplesOf(about),
  })

test('each store has a folder with about.ts and a line that has the name of the folder', () => {
  const folders = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'about.ts')))
  expect(Object.entries(installed).map(([name, about]) => [name, about.kind])).toEqual(
    folders.map((folder) => [folder, folder]),
  )
})

test('no file but installed.ts names a store by its folder', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts') && name !== 'installed.ts')
  const named = new RegExp(`from '\\./(?:${installedStores.map(({ kind }) => kind).join('|')})(?:/|')`)
  expect(files.filter((file) => named.test(readFileSync(join(FOLDER, file), 'utf8')))).toEqual([])
})

describe.each(installedStores.map((about) => [about.kind, about] as const))('the store %s', (kind, about) => {
  const { packages, sharedFolders = [], variables } = about

  test('says what it is in a file that imports no package', () => {
    expect(packagesIn(join(FOLDER, kind, 'about.ts'))).toEqual([])
  })

  test('names every package that its files import, and no other', () => {
    const files = [kind, ...sharedFolders].flatMap((folder) =>
      readdirSync(join(FOLDER, folder)).map((file) => join(FOLDER, folder, file)),
    )
    const ofCore = new Set(['cookie', 'devalue', 'zod'])
    const imported = new Set(files.flatMap(packagesIn).filter((name) => !ofCore.has(name)))
    expect([...packages].sort()).toEqual([...imported].sort())
  })

  test('takes the example and the default of each of its variables, and no variable of the library', () => {
    for (const [name, variable] of Object.entries(variables)) {
      expect(variable.isValid(variable.example)).toBe(true)
      expect(variable.isValid(variable.default ?? variable.example)).toBe(true)
      expect(variablesOfAll).not.toHaveProperty(name)
    }
  })

  test('is chosen by its name and its variables', () => {
    expect(configOf(about).storeOptions.kind).toBe(kind)
  })

  test('is shown by doctor with the values of its variables, without a password', () => {
    const config = configOf(about)
    const shown = about.show(config.storeOptions)
    expect(Object.keys(shown)).toEqual(Object.keys(variables))
    expect(showVariables(config, {})).toEqual(expect.arrayContaining(Object.entries(shown)))
    expect(showPlace(config.storeOptions)).not.toContain(':password')
  })

  test('is the same place as itself', () => {
    const { storeOptions } = configOf(about)
    expect(about.place(storeOptions)).toEqual(about.place({ ...storeOptions }))
    expect(aboutStore(storeOptions)).toBe(about)
  })

  test('is named in the rule of SESSION_MIGRATE_FROM', () => {
    const choice = chooseOldStore('nonsense://', {})
    expect(choice).toMatchObject({ problem: expect.stringContaining(about.url?.example ?? about.name) })
  })

  test('can be asked for with create-sess-app, unless it is for development', () => {
    const choice = STORES.find(({ id }) => id === kind)
    if (about.developmentOnly) return expect(choice).toBeUndefined()
    expect(choice).toMatchObject({ label: about.label, packages, variable: about.name })
    expect(helpText()).toContain(`${kind.padEnd(11)}${about.hint.split('; ')[0]}`)
  })
})
