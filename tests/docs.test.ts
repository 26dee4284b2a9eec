import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const guide = readFileSync('lib/session/README.md', 'utf8').replace(/^ {3}/gm, '')

test.each(['proxy.ts', 'instrumentation.ts'])('the guide shows %s as it is', (file) => {
  expect(guide).toContain(readFileSync(file, 'utf8').trimEnd())
})

test('every variable that the configuration reads is in README and in .env.example', () => {
  const config = readFileSync('lib/session/config.ts', 'utf8')
  const variables = new Set(config.match(/\bSESSION_[A-Z_]+(?=: \{)/g))
  expect(variables.size).toBeGreaterThan(10)
  for (const file of ['README.md', '.env.example']) {
    const text = readFileSync(file, 'utf8')
    expect([...variables].filter((name) => !text.includes(name))).toEqual([])
  }
})
