import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inject } from 'vitest'
import { contentsOf, newFolder, type Outcome, type RunOptions, runCommand } from './cli'

/** What a Next.js app of somebody looks like before sessions come to it. */
export const APP: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    name: 'app',
    dependencies: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
    devDependencies: { typescript: '^5' },
  }),
  'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }',
  'app/page.tsx': 'export default function Page() {\n  return <p>mine</p>\n}\n',
  '.gitignore': 'node_modules\n.env*.local\n',
}

/** The same under `src`. */
export const SRC_APP: Readonly<Record<string, string>> = {
  'package.json': APP['package.json'] ?? '',
  'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
  'src/app/page.tsx': APP['app/page.tsx'] ?? '',
  '.gitignore': APP['.gitignore'] ?? '',
}

/** A folder of its own for one test, with these files. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = newFolder()
  for (const [path, text] of Object.entries(files)) write(folder, path, text)
  return folder
}

export function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

export function read(folder: string, path: string): string {
  return readFileSync(join(folder, path), 'utf8')
}

/** Every file with its content, but for those of git. */
export function treeOf(folder: string): Record<string, string> {
  return contentsOf(folder, ['.git'])
}

/** Each `npm run <script>`, `npm test` and `npm start` in the texts of an app, with its file. */
export function scriptsNamedIn(folder: string): { path: string; script: string }[] {
  return Object.entries(contentsOf(folder)).flatMap(([path, text]) => {
    const mentions = text.matchAll(/\bnpm (?:run (?:--\S+ )*([a-z][\w:-]*)|(test|start)\b)/g)
    return [...mentions].map(([, run, short = '']) => ({ path, script: run ?? short }))
  })
}

/** No registry can be reached. */
export const OFFLINE = {
  npm_config_registry: 'http://127.0.0.1:9', // discard: nobody listens
  npm_config_cache: join(tmpdir(), 'create-sess-app-no-cache'),
  npm_config_fetch_retries: '0',
}

/** Runs a packed command in an app, without npx in front and with no registry. */
export function cli(
  folder: string,
  args: readonly string[],
  { folder: installed = inject('package'), env = {} }: { folder?: string; env?: RunOptions['env'] } = {},
): Promise<Outcome> {
  const command = [process.execPath, join(installed, 'bin.mjs'), ...args]
  return runCommand(folder, command, { CI: 'true', ...OFFLINE, ...env })
}

/** @throws when git says no */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(folder, ['git', ...args])
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout.trimEnd()
}

export async function commitAll(folder: string): Promise<void> {
  await git(folder, 'init', '--quiet')
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', '--message', 'a day of work')
}
