import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { plainProxy } from '../create-sess-app/src/plain-proxy'

const guide = readFileSync('lib/session/README.md', 'utf8').replace(/^ {3}/gm, '')

test('the guide shows instrumentation.ts as it is', () => {
  expect(guide).toContain(readFileSync('instrumentation.ts', 'utf8').trimEnd())
})

test('the guide shows proxy.ts as it is, but for the policy that this app adds', () => {
  const withoutPolicy = plainProxy(readFileSync('proxy.ts', 'utf8'))
  expect(withoutPolicy).not.toMatch(/policy/i)
  expect(guide).toContain(withoutPolicy.trimEnd())
})

test('every variable that the configuration reads is in README and in .env.example', () => {
  const config = readFileSync('lib/session/config/config.ts', 'utf8')
  const variables = new Set(config.match(/\bSESSION_[A-Z_]+(?=: \{)/g))
  expect(variables.size).toBeGreaterThan(10)
  for (const file of ['README.md', '.env.example']) {
    const text = readFileSync(file, 'utf8')
    expect([...variables].filter((name) => !text.includes(name))).toEqual([])
  }
})
