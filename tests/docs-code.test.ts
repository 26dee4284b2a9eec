import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const FOLDER = 'test-results/docs-code'

/** What the examples use without showing it: an app's own keys, and its own check of a password. */
const AROUND = `import '@/lib/session/session-data'
declare module '@/lib/session/session-data' {
  interface SessionData { visits: number; greeting: string; userId: string }
}
declare global {
  function checkPassword(name: string, password: string): Promise<string | undefined>
}`

/** The examples lie over the repository: they import from it, and each other, as if they stood in its root. */
const TSCONFIG = {
  extends: '../../tsconfig.json',
  compilerOptions: {
    incremental: false,
    rootDirs: ['../..', '.'],
    paths: { '@/*': ['../../*', './*'] },
  },
  include: ['**/*'],
}

interface Example {
  readonly file: string
  readonly code: string
}

/** A block that begins with a path, `// lib/session/stores/example.ts`, is that file; any other is named by its place. */
function blocksOf(page: string): Example[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^( *)```(tsx?)\n(.*?)^\1```$/gms)].map(
    ({ 1: indent = '', 2: kind, 3: block = '', index }) => {
      const line = text.slice(0, index).split('\n').length + 1
      const file =
        /^\/\/ (\S+\.tsx?)\n/.exec(block)?.[1] ?? `${page.replaceAll('/', '-')}-line-${line}.${kind}`
      return { file, code: block.replaceAll(new RegExp(`^${indent}`, 'gm'), '') }
    },
  )
}

/** The examples in the tables of the pages that list the calls, such as `session.get('visits', 0)`. */
function calls(): Example {
  const tables = ['README.md', 'docs/api.md'].map((page) => readFileSync(page, 'utf8')).join('\n')
  const found = tables.match(/(?<=^\|.*`)(?:await )?session\.\w[^`]*(?=`)/gm) ?? []
  const code = `import type { Session, SessionData } from '@/lib/session'
export async function calls(session: Session<SessionData>) {
  ${found.join('\n  ')}
}`
  return { file: 'calls.ts', code }
}

test('every example of the documentation compiles', () => {
  const pages = ['README.md', 'lib/session/README.md', ...globSync('docs/**/*.md')]
  const examples = [...pages.flatMap(blocksOf), calls(), { file: 'around.d.ts', code: AROUND }]
  expect(examples.length).toBeGreaterThan(10)
  rmSync(FOLDER, { recursive: true, force: true })
  for (const { file, code } of examples) {
    mkdirSync(join(FOLDER, dirname(file)), { recursive: true })
    writeFileSync(join(FOLDER, file), code)
  }
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  const compiler = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const command = [join(compiler, 'bin', 'tsc'), '--pretty', 'false', '--project', FOLDER]
  const { stdout, status } = spawnSync(process.execPath, command, { encoding: 'utf8' })

  expect({ problems: stdout.split('\n').filter((line) => line !== ''), status }).toEqual({
    problems: [],
    status: 0,
  })
})
