import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyPatch } from '@/lib/session/core/changes'
import { RequestCopy } from '@/lib/session/core/copy'
import type { EncodedData } from '@/lib/session/core/store'
import { decodeValue, encodeValue } from '@/lib/session/core/values'

const encode = (data: Record<string, unknown>): EncodedData =>
  new Map(Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)]))
const decode = (data: EncodedData) =>
  Object.fromEntries([...data].map(([key, text]) => [key, decodeValue(text)]))
const copyOf = (data: EncodedData) => new RequestCopy(data, () => {})
const increment = (value: unknown) => ((value as number | undefined) ?? 0) + 1

describe('changes of one request, applied to what another one saved', () => {
  test('touch only the keys that were changed', () => {
    const copy = copyOf(encode({ a: 1, b: 1 }))
    copy.get('b')
    copy.set('a', 2)
    expect(decode(applyPatch(encode({ a: 1, b: 9, c: 9 }), copy.patch()))).toEqual({ a: 2, b: 9, c: 9 })
  })

  test('replay updates on the fresh value', () => {
    const copy = copyOf(encode({ n: 1 }))
    copy.update('n', increment)
    copy.update('n', increment)
    expect(decode(applyPatch(encode({ n: 10 }), copy.patch()))).toEqual({ n: 12 })
    expect(decode(applyPatch(encode({}), copy.patch()))).toEqual({ n: 2 })
  })

  test('replay an update of a value whose text holds markup', () => {
    const base = new Map([['text', JSON.stringify(['<'])]])
    const copy = copyOf(base)
    copy.update('text', (value) => `${value}>`)
    expect(decode(applyPatch(encode({ text: '<<' }), copy.patch()))).toEqual({ text: '<<>' })
  })

  test('run an update once when nobody else saved', () => {
    let runs = 0
    const base = encode({ n: 1 })
    const copy = copyOf(base)
    copy.update('n', (value) => {
      runs += 1
      return increment(value)
    })
    expect(decode(applyPatch(base, copy.patch()))).toEqual({ n: 2 })
    expect(runs).toBe(1)
  })

  test.each<[string, (copy: RequestCopy) => void]>([
    ['after a set', (copy) => copy.set('n', 5)],
    ['after a set of the value it had', (copy) => copy.set('n', 7)],
    ['after a delete', (copy) => copy.delete('n')],
    ['after a clear', (copy) => copy.clear()],
  ])('keep the result of an update %s in the same request', (_title, before) => {
    const copy = copyOf(encode({ n: 7 }))
    before(copy)
    copy.update('n', increment)
    const expected = copy.get('n')
    expect(decode(applyPatch(encode({ n: 100 }), copy.patch()))).toEqual({ n: expected })
  })

  test('keep a change made inside a value before its update', () => {
    const copy = copyOf(encode({ list: ['a'] }))
    ;(copy.get('list') as string[]).push('b')
    copy.update('list', (list) => [...(list as string[]), 'c'])
    expect(decode(applyPatch(encode({ list: ['z'] }), copy.patch()))).toEqual({ list: ['a', 'b', 'c'] })
  })

  test('clear the fresh keys too, and keep what was set afterwards', () => {
    const copy = copyOf(encode({ a: 1 }))
    copy.clear()
    copy.set('b', 2)
    expect(decode(applyPatch(encode({ a: 1, theirs: 1 }), copy.patch()))).toEqual({ b: 2 })
  })

  test('leave the fresh data itself alone', () => {
    const fresh = encode({ a: 1 })
    const copy = copyOf(fresh)
    copy.clear()
    applyPatch(fresh, copy.patch())
    expect(decode(fresh)).toEqual({ a: 1 })
  })
})

type Step = {
  kind: 'set' | 'update' | 'delete' | 'clear' | 'get' | 'revert' | 'save'
  key: string
  value: number
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('set', 'update', 'delete', 'clear', 'get', 'revert', 'save'),
    key: fc.constantFrom('a', 'b', '__proto__', ''),
    value: fc.nat(3),
  }),
  { maxLength: 30 },
)

describe('any sequence of changes', () => {
  test('reads like a dictionary, and saves what it reads', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', ''), fc.nat(3)), steps, (start, sequence) => {
        let saved = new Map(Object.entries(start))
        let model = new Map(saved)
        const copy = copyOf(encode(start))
        let stored = encode(start)
        for (const { kind, key, value } of sequence) {
          if (kind === 'set') {
            copy.set(key, value)
            model.set(key, value)
          } else if (kind === 'update') {
            copy.update(key, (old) => Number(old ?? 0) + value)
            model.set(key, (model.get(key) ?? 0) + value)
          } else if (kind === 'delete') {
            expect(copy.delete(key)).toBe(model.delete(key))
          } else if (kind === 'clear') {
            copy.clear()
            model.clear()
          } else if (kind === 'revert') {
            copy.revert()
            model = new Map(saved)
          } else if (kind === 'save') {
            const patch = copy.patch()
            stored = applyPatch(stored, patch)
            copy.rebase(stored, patch)
            saved = new Map(model)
            expect(new Map(Object.entries(decode(stored)))).toEqual(saved)
            expect(copy.isDirty).toBe(false)
          }
          expect(copy.get(key)).toBe(model.get(key))
          expect(new Set(copy.keys())).toEqual(new Set(model.keys()))
        }
        expect(new Map(Object.entries(decode(applyPatch(stored, copy.patch()))))).toEqual(model)
      }),
      { numRuns: 500 },
    )
  })

  test('of two requests merge: different keys both survive', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.nat()), fc.string(), fc.string(), (start, one, two) => {
        fc.pre(one !== two)
        const first = copyOf(encode(start))
        const second = copyOf(encode(start))
        first.set(one, 'first')
        second.set(two, 'second')
        const merged = applyPatch(applyPatch(encode(start), first.patch()), second.patch())
        expect(decodeValue(merged.get(one) ?? '')).toBe('first')
        expect(decodeValue(merged.get(two) ?? '')).toBe('second')
      }),
    )
  })
})
