/** As git stores it: a checkout with `core.autocrlf` has CRLF, and is the same text. */
export function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

/** A text with LF in the line ends of the one that it replaces. */
export function withLineEndsOf(model: string | undefined, text: string): string {
  return model?.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text
}
