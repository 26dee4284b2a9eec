/**
 * Where in the application's code each key was read and changed, so that development can name the line of a change
 * that was never saved. Switched off it does nothing.
 */
export class ChangeTrace {
  readonly #reads = new Map<string, Error>()
  readonly #changes = new Map<string, Error>()

  constructor(private readonly isOn: boolean) {}

  read(key: string): void {
    if (this.isOn && !this.#reads.has(key)) this.#reads.set(key, new Error('read here'))
  }

  changed(key: string): void {
    if (this.isOn) this.#changes.set(key, new Error('changed here'))
  }

  /** A place such as `app/cart/actions.ts:12:5`; empty when unknown. A value changed in place is where it was read. */
  at(key: string): string {
    const stack = (this.#changes.get(key) ?? this.#reads.get(key))?.stack ?? ''
    const frames = stack.split('\n').slice(1)
    const frame = frames.find((line) => !/[/\\](?:lib[/\\]session|node_modules)[/\\]|node:/.test(line))
    return frame?.replace(/^\s*at\s+/, '').replace(/^async\s+/, '') ?? ''
  }
}
