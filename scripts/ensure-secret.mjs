// Gives `npm run dev` a session secret of its own: no shared constant, nothing to set up by hand.
// @ts-check
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseEnv } from 'node:util'
import { DEVELOPMENT_ENV_FILES } from './env-files.mjs'

const VARIABLE = 'SESSION_SECRET'

/**
 * Writes a fresh secret when `next dev` in this folder would find none.
 * @param {string} folder
 * @param {Record<string, string | undefined>} environment
 * @returns {{ ok: boolean, message: string | undefined }} message is undefined when there was nothing to do
 */
export function ensureSecret(folder, environment) {
  const inherited = environment[VARIABLE]
  // Next lets even an empty variable of the environment hide every file, so writing one would not help.
  if (inherited !== undefined && inherited.trim() === '') {
    const message = `${VARIABLE} is set in the environment but empty. Unset it, or give it at least 32 characters.`
    return { ok: false, message }
  }
  const textOf = (/** @type {string} */ file) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : ''
  const named = DEVELOPMENT_ENV_FILES.find((file) => parseEnv(textOf(file))[VARIABLE] !== undefined)
  const value = inherited ?? (named && parseEnv(textOf(named))[VARIABLE])
  if (value?.trim()) return { ok: true, message: undefined }

  // An empty line in a file that git keeps is a placeholder: the secret goes into the ignored file above it.
  const file = named === '.env.development.local' ? named : '.env.local'
  const path = join(folder, file)
  writeFileSync(path, withSecret(textOf(file), randomBytes(32).toString('base64url')), { mode: 0o600 })
  chmodSync(path, 0o600) // a file that was there keeps its mode when written to
  return { ok: true, message: `Wrote a new random ${VARIABLE} to ${file}, which git ignores.` }
}

/**
 * The text of an env file with the secret in it and every other line as it was.
 * @param {string} text
 * @param {string} secret
 */
function withSecret(text, secret) {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const assignment = `${VARIABLE}=${secret}`
  const replaced = text.replace(/^[ \t]*(?:export[ \t]+)?SESSION_SECRET[ \t]*=[^\r\n]*/m, assignment)
  // Parsing again also covers what a pattern cannot see: a line inside a quoted value, or a second empty line below.
  if (parseEnv(replaced)[VARIABLE] === secret) return replaced
  const separator = text === '' || text.endsWith('\n') ? '' : lineEnd
  return `${text}${separator}${assignment}${lineEnd}`
}

if (basename(process.argv[1] ?? '') === 'ensure-secret.mjs') {
  const { ok, message } = ensureSecret(process.cwd(), process.env)
  if (message !== undefined) (ok ? console.log : console.error)(message)
  process.exitCode = ok ? 0 : 1
}
