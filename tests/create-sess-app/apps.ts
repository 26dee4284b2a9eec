import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inject, onTestFinished, vi } from 'vitest'

vi.setConfig({ testTimeout: 60_000 }) // each runs the command a few times, on a machine that may be busy

type Environment = Readonly<Record<string, string | undefined>>

export interface Run {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

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
  const folder = mkdtempSync(join(tmpdir(), 'create-sess-app-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
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

/** Every file but those of git, with a hash of its content. */
export function treeOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(folder, '.git/')))
    .sort()
  return Object.fromEntries(
    paths.map((path) => [
      path.slice(folder.length + 1),
      createHash('sha1').update(readFileSync(path)).digest('hex'),
    ]),
  )
}

/** Nothing of this machine's: no answers of the person who runs the tests, no network. */
const ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  CI: 'true',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.com',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.com',
  npm_config_registry: 'http://127.0.0.1:9', // discard: nobody listens
  npm_config_cache: join(tmpdir(), 'create-sess-app-no-cache'),
  npm_config_fetch_retries: '0',
  npm_config_update_notifier: 'false',
}

/** Runs the packed command in a folder, without npx in front. */
export function cli(
  folder: string,
  args: readonly string[],
  { folder: installed = inject('package'), env = {} }: { folder?: string; env?: Environment } = {},
): Promise<Run> {
  return run(process.execPath, [join(installed, 'bin.mjs'), ...args], folder, env)
}

export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Environment = {},
): Promise<Run> {
  const child = spawn(command, args, {
    cwd,
    env: { ...ENVIRONMENT, ...env } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const [exitCode] = await once(child, 'close')
  return { exitCode, stdout, stderr }
}

/** @throws when git says no */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run('git', args, folder)
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout.trimEnd()
}

export async function commitAll(folder: string): Promise<void> {
  await git(folder, 'init', '--quiet')
  await git(folder, 'add', '--all')
  await git(folder, 'commit', '--quiet', '--message', 'a day of work')
}
