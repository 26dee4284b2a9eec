// Gives `npm run dev` a session secret of its own: no shared constant, nothing to set up by hand.
// @ts-check
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import { DEVELOPMENT_ENV_FILES } from './env-files.mjs'

const VARIABLE = 'SESSION_SECRET'

/**
 * What has to happen so that `next dev` finds a secret.
 * @param {Record<string, string | undefined>} environment
 * @param {(file: string) => string | undefined} readText the text of an env file, undefined when there is none
 * @returns {{ action: 'none' } | { action: 'unset' } | { action: 'write', file: string }}
 */
export function planSecret(environment, readText) {
  const inherited = environment[VARIABLE]
  // Next lets even an empty variable of the environment hide every file, so writing one would not help.
  if (inherited !== undefined) return inherited.trim() === '' ? { action: 'unset' } : { action: 'none' }

  for (const file of DEVELOPMENT_ENV_FILES) {
    const value = parseEnv(readText(file) ?? '')[VARIABLE]
    if (value === undefined) continue
    if (value.trim() !== '') return { action: 'none' }
    // An empty line in a file that git keeps is a placeholder: the secret goes into the ignored file above it.
    return { action: 'write', file: file === '.env.development.local' ? file : '.env.local' }
  }
  return { action: 'write', file: '.env.local' }
}

/**
 * The text of an env file with the secret in it and every other line as it was.
 * @param {string} text
 * @param {string} secret
 */
export function withSecret(text, secret) {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const assignment = `${VARIABLE}=${secret}`
  const replaced = text.replace(/^[ \t]*(?:export[ \t]+)?SESSION_SECRET[ \t]*=[^\r\n]*/m, assignment)
  // Parsing again also covers what a pattern cannot see: a line inside a quoted value, or a second empty line below.
  if (parseEnv(replaced)[VARIABLE] === secret) return replaced
  const separator = text === '' || text.endsWith('\n') ? '' : lineEnd
  return `${text}${separator}${assignment}${lineEnd}`
}

/**
 * Writes a fresh secret when `next dev` in this folder would find none.
 * @param {string} folder
 * @param {Record<string, string | undefined>} environment
 * @returns {{ ok: boolean, message: string | undefined }} message is undefined when there was nothing to do
 */
export function ensureSecret(folder, environment) {
  const plan = planSecret(environment, (file) => {
    const path = join(folder, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  })
  if (plan.action === 'none') return { ok: true, message: undefined }
  if (plan.action === 'unset') {
    const message = `${VARIABLE} is set in the environment but empty. Unset it, or give it at least 32 characters.`
    return { ok: false, message }
  }

  const path = join(folder, plan.file)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  writeFileSync(path, withSecret(text, randomBytes(32).toString('base64url')), { mode: 0o600 })
  chmodSync(path, 0o600) // a file that was there keeps its mode when written to
  return { ok: true, message: `Wrote a new random ${VARIABLE} to ${plan.file}, which git ignores.` }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { ok, message } = ensureSecret(process.cwd(), process.env)
  if (message !== undefined) (ok ? console.log : console.error)(message)
  process.exitCode = ok ? 0 : 1
}
