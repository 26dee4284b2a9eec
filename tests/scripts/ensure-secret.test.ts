import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ensureSecret } from '../../scripts/ensure-secret.mjs'
import { DEVELOPMENT_ENV_FILES } from '../../scripts/env-files.mjs'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ensure-secret-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
const secretIn = (file: string) => parseEnv(read(file)).SESSION_SECRET

describe('a folder without a secret', () => {
  test('gets 32 random bytes in .env.local, which only its owner can read', () => {
    const result = ensureSecret(folder, {})

    expect(result.ok).toBe(true)
    expect(Buffer.from(secretIn('.env.local') ?? '', 'base64url')).toHaveLength(32)
    expect(statSync(join(folder, '.env.local')).mode & 0o777).toBe(0o600)
  })

  test('is told so without the value', () => {
    const { message } = ensureSecret(folder, {})

    expect(message).toContain('.env.local')
    expect(message).not.toContain(secretIn('.env.local'))
  })

  test('gets another secret than its neighbour', () => {
    ensureSecret(folder, {})
    const first = secretIn('.env.local')
    write('.env.local', '')
    ensureSecret(folder, {})

    expect(secretIn('.env.local')).not.toBe(first)
  })

  test('is left alone the second time', () => {
    ensureSecret(folder, {})
    const text = read('.env.local')

    expect(ensureSecret(folder, {})).toEqual({ ok: true, message: undefined })
    expect(read('.env.local')).toBe(text)
  })
})

describe('a secret that is there', () => {
  test('in the environment is enough', () => {
    expect(ensureSecret(folder, { SESSION_SECRET: 'x'.repeat(32) }).message).toBeUndefined()
    expect(readdirSync(folder)).toEqual([])
  })

  test.each(DEVELOPMENT_ENV_FILES)('in %s is enough', (file) => {
    const text = 'SESSION_SECRET="a secret of somebody\'s own making"\n'
    write(file, text)

    expect(ensureSecret(folder, {}).message).toBeUndefined()
    expect(readdirSync(folder)).toEqual([file])
    expect(read(file)).toBe(text)
  })
})

describe('a file that is there', () => {
  test.each([
    ['with a last line end', 'OTHER=1\n# a note\n'],
    ['without a last line end', 'OTHER=1\n# a note'],
    ['with Windows line ends', 'OTHER=1\r\n# a note\r\n'],
    ['with the variable in a comment', '# SESSION_SECRET=\nOTHER=1\n# a note'],
    ['with the variable inside a quoted value', 'TEXT="\nSESSION_SECRET=\n"\nOTHER=1\n# a note'],
  ])('%s keeps every line', (_, text) => {
    write('.env.local', text)
    ensureSecret(folder, {})

    expect(read('.env.local').startsWith(text)).toBe(true)
    expect(secretIn('.env.local')).toHaveLength(43)
    expect(parseEnv(read('.env.local')).OTHER).toBe('1')
  })

  test('that others could read is closed to them', () => {
    writeFileSync(join(folder, '.env.local'), 'OTHER=1\n', { mode: 0o644 })
    ensureSecret(folder, {})

    expect(statSync(join(folder, '.env.local')).mode & 0o777).toBe(0o600)
  })

  test.each(['SESSION_SECRET=', 'SESSION_SECRET=""', 'export SESSION_SECRET = # later'])(
    'with the empty line %s has it filled in',
    (line) => {
      write('.env.local', `A=1\n${line}\nB=2\n`)
      ensureSecret(folder, {})

      expect(read('.env.local')).toBe(`A=1\nSESSION_SECRET=${secretIn('.env.local')}\nB=2\n`)
    },
  )
})

describe('an empty variable', () => {
  test('in .env.development.local is filled in there, because it would hide .env.local', () => {
    write('.env.development.local', 'SESSION_SECRET=\n')
    write('.env.local', `SESSION_SECRET=${'x'.repeat(32)}\n`)
    ensureSecret(folder, {})

    expect(secretIn('.env.development.local')).toHaveLength(43)
    expect(secretIn('.env.local')).toBe('x'.repeat(32))
  })

  test.each(['.env.development', '.env'])(
    'in %s, which git keeps, is left; .env.local goes before it',
    (file) => {
      write(file, 'SESSION_SECRET=\n')
      ensureSecret(folder, {})

      expect(read(file)).toBe('SESSION_SECRET=\n')
      expect(secretIn('.env.local')).toHaveLength(43)
    },
  )

  test('in the environment is reported, because it would hide every file', () => {
    const result = ensureSecret(folder, { SESSION_SECRET: '' })

    expect(result.ok).toBe(false)
    expect(result.message).toContain('Unset it')
    expect(readdirSync(folder)).toEqual([])
  })
})
