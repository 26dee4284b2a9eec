import { expect, test } from 'vitest'
import { parseArguments } from '../../scripts/test.mjs'

test.each([
  { args: [], unit: [], e2e: [] },
  { args: ['--unit'], unit: [], e2e: undefined },
  { args: ['--e2e'], unit: undefined, e2e: [] },
  { args: ['--unit', '--e2e'], unit: [], e2e: [] },
  { args: ['--e2e', 'touch'], unit: undefined, e2e: ['touch'] },
  { args: ['tests/session.test.ts'], unit: ['tests/session.test.ts'], e2e: undefined },
  { args: ['get.spec.ts'], unit: undefined, e2e: ['get.spec.ts'] },
  { args: ['e2e/get.spec.ts', 'tests/scripts'], unit: ['tests/scripts'], e2e: ['e2e/get.spec.ts'] },
])('npm test -- $args runs unit tests $unit and browser tests $e2e', ({ args, unit, e2e }) => {
  expect(parseArguments(args)).toEqual({ unit, e2e })
})

test('a name that could be either is refused rather than guessed', () => {
  expect(() => parseArguments(['touch'])).toThrow('Say --unit or --e2e')
})

test('an option that does not exist is refused', () => {
  expect(() => parseArguments(['--watch'])).toThrow('--watch')
})
