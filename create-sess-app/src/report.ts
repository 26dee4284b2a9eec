/** The output of a command: text, or one JSON object at the end. */
export interface Report {
  /** A step that takes a while. */
  step<T>(doing: string, done: string, work: () => Promise<T>): Promise<T>
  /** Prints a line of text; nothing with --json. */
  say(line: string): void
  /** Reports that something differs from what the user asked for. The JSON has it too. */
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
      const stop = startSpinner(doing)
      try {
        const result = await work()
        stop(done)
        return result
      } catch (error) {
        stop(`${doing}: failed`)
        throw error
      }
    },
  }
}

/** Does not read the keyboard, so that Ctrl-C sends the signal that ends the work. */
function startSpinner(doing: string): (end: string) => void {
  let frame = 0
  const draw = () => {
    process.stdout.write(`\r${FRAMES[frame % FRAMES.length]} ${doing}`)
    frame += 1
  }
  draw()
  const timer = setInterval(draw, FRAME_MS)
  return (end) => {
    clearInterval(timer)
    process.stdout.write(`\r${CLEAR_LINE}${end}\n`)
  }
}

const FRAMES = ['-', '\\', '|', '/']
const FRAME_MS = 120
const CLEAR_LINE = '\u001b[K'

/** `1 file`, `61 files`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}

/** The first of many names, and how many more there are. */
export function shortList(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES
  return rest > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${rest} more` : names.join(', ')
}

const MOST_NAMES = 10
