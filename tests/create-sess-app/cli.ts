import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, expect, inject, vi } from 'vitest'

export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Modules that Node loads before the command. */
  readonly preload?: readonly string[]
}

const folders: string[] = []

/** A folder of its own for one test, outside the repository, gone after it. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'a-newcomers-folder-'))
  folders.push(folder)
  return folder
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** Runs the packed command without a terminal, to its end. */
export async function run(cwd: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const preload = (options.preload ?? []).flatMap((module) => ['--import', module])
  return runCommand(cwd, [process.execPath, ...preload, bin(), ...args], options.env)
}

/** Runs it the way a line of bash says: `"$0" "$@"` in it is the command with its arguments. */
export function runByBash(
  cwd: string,
  line: string,
  args: readonly string[],
  env?: RunOptions['env'],
): Promise<Outcome> {
  return runCommand(cwd, ['bash', '-c', line, process.execPath, bin(), ...args], env)
}

export async function runCommand(
  cwd: string,
  [command = '', ...args]: readonly string[],
  env: RunOptions['env'] = {},
): Promise<Outcome> {
  const child = spawn(command, args, {
    cwd,
    env: newcomersEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [exitCode] = await once(child, 'close')
  return { exitCode, stdout, stderr }
}

export function bin(): string {
  return join(inject('package'), 'bin.mjs')
}

/** A machine with Node, npm and git whose owner has a name; nothing of this run's own npm, git or CI is in it. */
export function newcomersEnvironment(env: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const base = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|GIT_|CI$|INIT_CWD$|NODE|VITE|TEST|SESSION_)/i.test(name),
  )
  const all = {
    ...Object.fromEntries(base),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: gitConfig('[user]\n\tname = Newcomer\n\temail = newcomer@example.com\n'),
    ...env,
  }
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as NodeJS.ProcessEnv
}

/** A folder to put first on the PATH, with a command that this shell script stands in for. */
export function fakeCommand(name: string, script: string): string {
  const folder = newFolder()
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return [folder, dirname(process.execPath), process.env.PATH].join(delimiter)
}

/** A file for GIT_CONFIG_GLOBAL. */
export function gitConfig(text: string): string {
  const path = join(newFolder(), 'gitconfig')
  writeFileSync(path, text)
  return path
}

/** Every file, folder and link below a folder with what is in it, for comparing before and after. */
export function contentsOf(folder: string, except: readonly string[] = []): Record<string, string> {
  const entries: Record<string, string> = {}
  for (const name of readdirSync(folder).sort()) {
    if (except.includes(name)) continue
    const path = join(folder, name)
    const stats = lstatSync(path)
    if (stats.isDirectory()) {
      entries[`${name}/`] = ''
      for (const [inner, text] of Object.entries(contentsOf(path, except))) entries[`${name}/${inner}`] = text
    } else {
      entries[name] = stats.isSymbolicLink() ? `→ ${readlinkSync(path)}` : readFileSync(path, 'latin1')
    }
  }
  return entries
}

/** The processes whose ids are in these files of a folder have ended. */
export async function expectNoneLeft(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const pid = Number(readFileSync(join(folder, name), 'utf8'))
    // A killed process takes a moment to be gone.
    await vi.waitFor(() => expect(isRunning(pid), `${name} is still running`).toBe(false), {
      timeout: 20_000,
    })
  }
}

/** Whether a process still does anything: one that ended and that nobody has asked about does not. */
function isRunning(pid: number): boolean {
  if (existsSync('/proc/self/stat')) {
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ') Z'
    return !/\) [ZX]/.test(stat)
  }
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
