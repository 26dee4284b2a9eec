import { randomBytes } from 'node:crypto'
import { parseEnv } from 'node:util'
import { withLineEndsOf } from './line-ends'

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

/**
 * The text of an env file with these variables. A variable without a value gets one, a missing variable is added at the end,
 * and a variable with a value keeps it. All other lines stay.
 */
export function withVariables(
  text: string,
  comment: string,
  variables: Readonly<Record<string, string>>,
): string {
  let result = text
  const absent: Record<string, string> = {}
  for (const [name, value] of Object.entries(variables)) {
    const present = parseEnv(result)[name]
    if (present !== undefined && (present.trim() !== '' || value === '')) continue
    const line = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[^\\r\\n]*`, 'm')
    const filledIn = result.replace(line, () => `${name}=${value}`)
    // Parsing again finds what the pattern cannot see, such as a line inside a quoted value.
    if (present !== undefined && parseEnv(filledIn)[name] === value) result = filledIn
    else absent[name] = value
  }
  if (Object.keys(absent).length === 0) return result
  const separator = result === '' ? '' : result.endsWith('\n') ? '\n' : '\n\n'
  return result + withLineEndsOf(result, separator + envLines(comment, absent))
}
