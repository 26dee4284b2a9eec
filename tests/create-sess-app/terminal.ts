import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { newcomersEnvironment, type RunOptions } from './cli'

export const KEY = { enter: '\r', down: '\u001b[B', ctrlC: '\u0003', ctrlD: '\u0004', escape: '\u001b' }

export interface Terminal {
  /** Waits until the terminal shows this, after what was waited for before. */
  see(text: string): Promise<void>
  type(keys: string): void
  /** All that it showed, without and with control codes, and the exit code of the command. */
  readonly ended: Promise<{ exitCode: number | null; shown: string; codes: string }>
}

/** A command in a real terminal, 100 columns wide; script(1) of util-linux makes it. */
export function openTerminal(cwd: string, command: string, env: RunOptions['env'] = {}): Terminal {
  const child = spawn('script', ['-qfec', `stty cols 100 rows 40; exec ${command}`, '/dev/null'], {
    cwd,
    env: newcomersEnvironment({ TERM: 'xterm', SHELL: '/bin/sh', ...env }),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  let codes = ''
  let seen = 0
  let look = () => {}
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    codes += text
    shown = stripVTControlCharacters(codes)
    look()
  })
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode, shown, codes }))
  return {
    ended,
    type: (keys) => child.stdin.write(keys),
    see(text) {
      return new Promise((resolve, reject) => {
        look = () => {
          const at = shown.indexOf(text, seen)
          if (at < 0) return
          seen = at + text.length
          look = () => {}
          resolve()
        }
        ended.then(() => reject(new Error(`It ended before it showed "${text}":\n${shown}`)))
        look()
      })
    },
  }
}
