/** A command as a person would type it. */
export function shellLine(command: string, args: readonly string[]): string {
  return [command, ...args].map(quoted).join(' ')
}

/** For a shell: as it stands, or in quotes where it has to be. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
