import { spinner } from '@clack/prompts'

/** Where a command speaks: text for a person, or one JSON object at the end. */
export interface Report {
  /** A step that takes a while. */
  step<T>(doing: string, done: string, work: () => Promise<T>): Promise<T>
  /** A line for a person. */
  say(line: string): void
  /** Something that went another way than asked; in the JSON too. */
  warn(line: string): void
  readonly warnings: readonly string[]
}

export function createReport({ json, isTerminal }: { json: boolean; isTerminal: boolean }): Report {
  const warnings: string[] = []
  const say = (line: string) => {
    if (!json) process.stdout.write(`${line}\n`)
  }
  return {
    warnings,
    say,
    warn(line) {
      warnings.push(line)
      if (!json) process.stderr.write(`Note: ${line}\n`)
    },
    async step(doing, done, work) {
      if (json) return work()
      if (!isTerminal) {
        say(`${doing} …`)
        return work()
      }
      const spin = spinner({ onCancel: () => process.kill(process.pid, 'SIGINT') })
      spin.start(doing)
      try {
        const result = await work()
        spin.stop(done)
        return result
      } catch (error) {
        spin.error(`${doing}: failed`)
        throw error
      }
    },
  }
}

/** `1 file`, `61 files`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}
