import { expect, test } from 'vitest'
import { compare } from '../../bench/check-weight.mjs'

const empty = { route: '/', gzip: 100_000, raw: 300_000 }

test('each page stands beside the empty one', () => {
  const { table, tooHeavy } = compare(empty, [
    { route: '/', gzip: 101_000, raw: 300_000 },
    { route: '/delete-all', gzip: 99_000, raw: 330_000 },
  ])
  expect(table).toEqual({
    'empty create-next-app': { gzip: '100.0 kB', raw: '300.0 kB' },
    '/': { gzip: '101.0 kB', 'gzip, more': '1.0 %', raw: '300.0 kB', 'raw, more': '0.0 %' },
    '/delete-all': { gzip: '99.0 kB', 'gzip, more': '-1.0 %', raw: '330.0 kB', 'raw, more': '10.0 %' },
  })
  expect(tooHeavy).toEqual([])
})

test.each([
  ['gzip', { gzip: 115_100, raw: 300_000 }],
  ['raw', { gzip: 100_000, raw: 345_100 }],
])('a page that is more than 15 %% heavier, %s, is too heavy', (_, weight) => {
  expect(compare(empty, [{ route: '/', gzip: 114_900, raw: 344_900 }]).tooHeavy).toEqual([])
  expect(compare(empty, [{ route: '/save', ...weight }]).tooHeavy).toEqual(['/save'])
})
