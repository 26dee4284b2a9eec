/** A command to type into a shell. */
export function shellLine(command: string, args: readonly string[]): string {
  return [command, ...args].map(quoted).join(' ')
}

/** Quotes a text for a shell where it needs quotes. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
