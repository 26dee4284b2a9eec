export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/**
 * Everything a session can hold, shown as JSON. It is for reading, not for reading back: a Map becomes its entries,
 * a BigInt its digits, undefined null, and a value inside itself "[Circular]".
 */
export function toJson(value: unknown, around: readonly object[] = []): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object') return null
  if (around.includes(value)) return '[Circular]'
  const aroundInner = [...around, value]
  return objectToJson(value, (inner) => toJson(inner, aroundInner))
}

function objectToJson(value: object, inner: (value: unknown) => Json): Json {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof URL) return value.href
  if (value instanceof RegExp || value instanceof URLSearchParams) return value.toString()
  if (Array.isArray(value)) return Array.from(value, inner)
  if (value instanceof Map || value instanceof Set) return Array.from(value, inner)
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)]
  if (ArrayBuffer.isView(value)) return Array.from(numbersOf(value), inner)
  // fromEntries defines its properties, so a key such as `__proto__` stays a key.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]))
}

function numbersOf(view: ArrayBufferView): Iterable<number | bigint> {
  if (view instanceof DataView) return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  return view as unknown as Iterable<number | bigint> // every other view is a typed array
}
