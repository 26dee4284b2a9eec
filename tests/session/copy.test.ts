import { describe, expect, test, vi } from 'vitest'
import { applyPatch } from '@/lib/session/core/changes'
import { RequestCopy } from '@/lib/session/core/copy'
import { encodeValue } from '@/lib/session/core/values'

const encode = (data: Record<string, unknown>) =>
  new Map(Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)]))
const copyOf = (data: Record<string, unknown>) => new RequestCopy(encode(data), () => {})

describe("this request's copy", () => {
  test('is dirty after a change, also inside a value, and clean again when the change is undone', () => {
    const copy = copyOf({ list: [1] })
    const list = copy.get('list') as number[]
    expect(copy.isDirty).toBe(false)
    list.push(2)
    expect(copy.changedKeys()).toEqual(['list'])
    list.pop()
    expect(copy.isDirty).toBe(false)
  })

  test('stays clean when an equal value is set or a missing key is deleted', () => {
    const copy = copyOf({ cart: { a: 1, b: '<' } })
    copy.set('cart', { b: '<', a: 1 })
    expect(copy.delete('missing')).toBe(false)
    copy.update('cart', (cart) => cart)
    expect(copy.isDirty).toBe(false)
  })

  test('tells undefined and null from absent', () => {
    const copy = copyOf({ nothing: null, undef: undefined })
    expect([copy.has('nothing'), copy.has('undef'), copy.has('absent')]).toEqual([true, true, false])
    expect(copy.get('nothing')).toBeNull()
  })

  test('keeps a key that cannot be decoded: absent here, reported once, stored as it is', () => {
    const onUnreadableKey = vi.fn()
    const base = new Map([...encode({ good: 1 }), ['bad', '[["NoSuchType",1]]']])
    const copy = new RequestCopy(base, onUnreadableKey)
    expect(copy.keys()).toEqual(['good'])
    expect(copy.get('bad')).toBeUndefined()
    copy.set('good', 2)
    expect(applyPatch(base, copy.patch()).get('bad')).toBe('[["NoSuchType",1]]')
    expect(onUnreadableKey.mock.calls).toEqual([['bad']])
  })

  test('can replace and delete a key that cannot be decoded', () => {
    const base = new Map([['bad', 'rubbish']])
    const replaced = new RequestCopy(base, () => {})
    replaced.set('bad', 1)
    expect(applyPatch(base, replaced.patch())).toEqual(encode({ bad: 1 }))
    const deleted = new RequestCopy(base, () => {})
    deleted.delete('bad')
    expect(applyPatch(base, deleted.patch()).size).toBe(0)
  })

  test('refuses a value that was changed into one that cannot be stored, when it is to be saved', () => {
    const copy = copyOf({ cart: {} })
    ;(copy.get('cart') as { run?: unknown }).run = () => 1
    expect(() => copy.patch()).toThrow(/"cart" at \.run/)
  })

  test('goes on with the same objects after a save, also when their text holds markup', () => {
    const base = new Map([['list', JSON.stringify([[1], '<'])]])
    const copy = new RequestCopy(base, () => {})
    const list = copy.get('list') as string[]
    copy.set('other', 1)
    const patch = copy.patch()
    copy.rebase(applyPatch(base, patch), patch)
    list.push('later')
    expect(copy.changedKeys()).toEqual(['list'])
  })

  test('keeps as unsaved what was changed while the save was under way', () => {
    const base = encode({ a: 1, b: [1] })
    const copy = new RequestCopy(base, () => {})
    const b = copy.get('b') as number[]
    copy.set('a', 2)
    const patch = copy.patch()
    copy.set('a', 3)
    b.push(2)
    copy.set('c', 1)
    copy.rebase(applyPatch(base, patch), patch)
    expect(copy.changedKeys().sort()).toEqual(['a', 'b', 'c'])
  })

  test('keeps a clear that was made while the save was under way', () => {
    const base = encode({ a: 1 })
    const copy = new RequestCopy(base, () => {})
    copy.set('b', 1)
    const patch = copy.patch()
    copy.clear()
    copy.rebase(applyPatch(base, patch), patch)
    expect(copy.keys()).toEqual([])
    expect(copy.isDirty).toBe(true)
  })

  test('shows what others saved once it has been saved itself', () => {
    const copy = copyOf({ a: 1, b: 1 })
    copy.get('b')
    copy.set('a', 2)
    const patch = copy.patch()
    copy.rebase(applyPatch(encode({ a: 1, b: 9 }), patch), patch)
    expect(copy.get('b')).toBe(9)
  })
})
