import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { onFailure } from './cleanup'
import { CliError, codeOf } from './errors'

const LAST_LINES = 15
const isWindows = process.platform === 'win32'

/**
 * Runs a command to its end without showing its output. It runs in a process group of its own, which ends with this command.
 * @throws {CliError} with the last lines of its output when it fails, and when the command is not installed
 */
export async function runQuietly(
  command: string,
  args: readonly string[],
  { cwd, debug }: { cwd: string; debug: boolean },
): Promise<void> {
  const output: string[] = []
  const child = spawn(command, [...args], {
    cwd,
    stdio: debug ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe'],
    detached: !isWindows,
    shell: isWindows, // npm is a .cmd there
  })
  const forget = onFailure(() => killGroup(child))
  // A process that it leaves running would keep its output open, and waiting for that could take forever.
  child.once('exit', () => killGroup(child))
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text))
  }
  try {
    const end = await ended(child)
    if (end === 0) return
    throw new CliError([`${command} ${args[0]} failed (${end}).`, ...explain(output.join(''))].join('\n'))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    throw new CliError(`${command} is not on the PATH. Install it, or choose another with --pm.`, {
      cause: error,
    })
  } finally {
    forget()
  }
}

/** The last output lines of a failed command, without stack traces, and the cause where it is known. */
function explain(output: string): string[] {
  const said = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:npm (?:error|ERR!))?\s+at \S/.test(line))
    .slice(-LAST_LINES)
  const unreachable = /\b(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH)\b/.exec(output)
  return unreachable
    ? [
        `The package registry cannot be reached (${unreachable[0]}): check the network and the proxy.`,
        ...said,
      ]
    : said
}

/** Exit code, or the name of the signal that ended it. */
function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1))
  })
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(isWindows ? child.pid : -child.pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** The output of a short command. Undefined when it fails or is not installed. */
export function outputOf(
  command: string,
  args: readonly string[],
  cwd: string,
  env = process.env,
): string | undefined {
  const { status, stdout } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return status === 0 ? stdout.trimEnd() : undefined
}
