import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeValue, encodeValue, isSameValue } from '@/lib/session/core/values'

const roundTrip = (value: unknown) => decodeValue(encodeValue('key', value))

describe('a stored value', () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic

  test.each([
    ['text in any script', 'Grüße, 世界, سلام, 🎈👩‍👩‍👧'],
    ['a lone surrogate', '\ud800'],
    ['markup', '<script>alert(1)</script>'],
    ['null', null],
    ['undefined', undefined],
    ['not a number', Number.NaN],
    ['minus zero', -0],
    ['a Date', new Date(1234567890123)],
    ['a Map', new Map([['a', new Set([1, 2])]])],
    ['a BigInt', 123456789012345678901234567890n],
    ['a URL', new URL('https://example.com/a?b=c#d')],
    ['a RegExp', /a+/giu],
    ['a typed array', new Uint8Array([1, 2, 255])],
    ['a floating-point array', new Float64Array([1.5, -2])],
    ['a nested value', { list: [{ when: new Date(0), none: undefined }] }],
    ['what looks like a type tag', ['Date', '2026-01-01T00:00:00.000Z']],
    ['what looks like a nested type tag', [[1, 2], 'Map', { Map: ['Set'] }]],
    ['an object with awkward keys', JSON.parse('{"__proto__":{"a":1},"":2,"0":3,"a.b":4,"constructor":5}')],
  ])('comes back as what it was: %s', (_title, value) => {
    expect(roundTrip(value)).toStrictEqual(value)
  })

  test('comes back with its cycles', () => {
    const back = roundTrip(cyclic) as { self: unknown }
    expect(back.self).toBe(back)
  })

  test('comes back identical, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => isDeepStrictEqual(roundTrip(value), value)),
    )
  })

  test('of a view holds the bytes of the view, not those of the buffer behind it', () => {
    const buffer = new Uint8Array([9, 9, 1, 2, 9]).buffer
    const view = roundTrip(new Uint8Array(buffer, 2, 2)) as Uint8Array
    expect([...view]).toEqual([1, 2])
    expect(view.buffer.byteLength).toBe(2)
  })
})

describe('a value that cannot be stored', () => {
  class Basket {}
  class Tags extends Array<string> {}
  class Prices extends Map<string, number> {}

  test.each([
    ['a function', () => 1, ''],
    ['a symbol', Symbol('x'), ''],
    ['a class instance', { basket: new Basket() }, '.basket'],
    ['an instance of a subclass of Array', { tags: Tags.of('a') }, '.tags'],
    ['an instance of a subclass of Map', [new Prices()], '[0]'],
    ['an error', new Error('no'), ''],
    ['a promise', { later: Promise.resolve(1) }, '.later'],
    ['a function deep inside', { items: [{ run: () => 1 }] }, '.items[0].run'],
    ['an object with symbol keys', { [Symbol('x')]: 1 }, ''],
  ])('is refused, naming key and path: %s', (_title, value, path) => {
    expect(() => encodeValue('cart', value)).toThrow(
      expect.objectContaining({
        name: 'SessionValueError',
        key: 'cart',
        path,
        message: expect.stringContaining('"cart"'),
      }),
    )
  })

  const nested = (depth: number, wrap: (inner: unknown) => unknown) => {
    let value: unknown = 1
    for (let i = 0; i < depth; i++) value = wrap(value)
    return value
  }
  const linkedAndListed = (length: number) => {
    const nodes = Array.from({ length }, () => ({}) as { next?: object })
    nodes.forEach((node, index) => {
      const next = nodes[index + 1]
      if (next) node.next = next
    })
    return nodes
  }

  test.each<[string, (depth: number) => unknown]>([
    ['lists', (depth) => nested(depth, (inner) => [inner])],
    ['objects', (depth) => nested(depth, (inner) => ({ inner }))],
    ['maps', (depth) => nested(depth, (inner) => new Map([['k', inner]]))],
    ['a chain that a list names link by link', (depth) => linkedAndListed(depth - 1)],
  ])('is refused beyond a hundred levels, however much stack there is: %s', (_title, make) => {
    const ok = encodeValue('deep', make(100))
    const inDeepStack = (frames: number): unknown =>
      frames === 0 ? decodeValue(ok) : inDeepStack(frames - 1)
    expect(() => inDeepStack(3000)).not.toThrow()
    for (const depth of [101, 1000, 100_000]) {
      expect(() => encodeValue('deep', make(depth))).toThrow(/nested more than 100 levels/)
    }
  })

  test('may be wide: many keys, and one value in many places', () => {
    const shared = { a: 1 }
    expect(roundTrip(Array.from({ length: 10_000 }, () => shared))).toHaveLength(10_000)
  })
})

describe('two values', () => {
  const same = (a: unknown, b: unknown) => isSameValue(encodeValue('k', a), encodeValue('k', b))

  test('are the same when they are equal, in whatever order their object keys come', () => {
    expect(same({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true)
    expect(same(new Date(5), new Date(5))).toBe(true)
  })

  test('differ in the order of a Map or a Set, between null and absent, and between 0 and -0', () => {
    expect(same(new Set([1, 2]), new Set([2, 1]))).toBe(false)
    expect(same({ a: null }, {})).toBe(false)
    expect(same(0, -0)).toBe(false)
    expect(isSameValue(undefined, encodeValue('k', undefined))).toBe(false)
  })
})
