/** The text with LF, as git stores it. A checkout with `core.autocrlf` has CRLF. */
export function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

/** Gives a text with LF the line ends of the text that it replaces. */
export function withLineEndsOf(model: string | undefined, text: string): string {
  return model?.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text
}
