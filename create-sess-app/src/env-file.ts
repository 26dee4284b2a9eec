import { randomBytes } from 'node:crypto'
import { parseEnv } from 'node:util'

/** 256 random bits. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Variables as lines, with a comment in front. */
export function envLines(comment: string, variables: Readonly<Record<string, string>>): string {
  return [`# ${comment}`, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), ''].join(
    '\n',
  )
}

/** The text of an env file with these variables at its end, where it does not have them; every line of it stays. */
export function withVariables(
  text: string,
  comment: string,
  variables: Readonly<Record<string, string>>,
): string {
  const known = parseEnv(text)
  const missing = Object.entries(variables).filter(([name, value]) => {
    const present = known[name]
    return present === undefined || (present.trim() === '' && value !== '')
  })
  if (missing.length === 0) return text
  const separator = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n'
  return `${text}${separator}${envLines(comment, Object.fromEntries(missing))}`
}
