import { isDeepStrictEqual } from 'node:util'
import { DevalueError, defaultStringifyOperations, parse, stringify } from 'devalue'
import { SessionValueError } from './errors'

/** How deep a value may nest. Every step costs stack when it is written, read and shown, and stacks differ. */
const MAX_DEPTH = 100

/**
 * One value as text: JSON values plus Date, Map, Set, BigInt, URL, RegExp, undefined, typed arrays and cycles.
 * @throws {SessionValueError} for anything else, naming key and path
 */
export function encodeValue(key: string, value: unknown): string {
  if (isDeeperThan(MAX_DEPTH, value)) {
    throw new SessionValueError(key, '', `it is nested more than ${MAX_DEPTH} levels deep`)
  }
  try {
    return stringify(value, reducers, { operations })
  } catch (error) {
    if (error instanceof DevalueError) throw new SessionValueError(key, error.path, lowerFirst(error.message))
    throw error
  }
}

/** The value of a text that `encodeValue` made. Throws on any other text. */
export function decodeValue(text: string): unknown {
  return parse(text, revivers)
}

/** Whether two texts stand for equal values; the order of object keys does not count, that of Map and Set does. */
export function isSameValue(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || /\["(?:Map|Set)"/.test(a)) return false
  try {
    return isDeepStrictEqual(decodeValue(a), decodeValue(b))
  } catch {
    return false // a text that cannot be decoded equals no value
  }
}

/** Walks in the order in which devalue does, without recursion: shared values and cycles are entered once. */
function isDeeperThan(limit: number, root: unknown): boolean {
  const entered = new Set<object>()
  const pending = [{ value: root, depth: 0 }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next
    if (typeof value !== 'object' || value === null || entered.has(value)) continue
    if (depth >= limit) return true
    entered.add(value)
    for (const child of childrenOf(value).reverse()) pending.push({ value: child, depth: depth + 1 })
  }
  return false
}

function childrenOf(value: object): unknown[] {
  if (value instanceof Map) return [...value].flat()
  if (value instanceof Set) return [...value]
  return ArrayBuffer.isView(value) ? [] : Object.values(value)
}

const operations = {
  // A view is stored as its own bytes: devalue would store all of the buffer behind it, other data included.
  viewInfo: (view: ArrayBufferView) =>
    defaultStringifyOperations.viewInfo(
      view.byteLength === view.buffer.byteLength ? view : structuredCopy(view),
    ),
  // A subclass would come back as its base class: refuse it as the class instance that it is.
  tagOf: (value: object) => {
    const tag = defaultStringifyOperations.tagOf(value)
    const isSubclass = SUBCLASSABLE.has(tag) && Object.getPrototypeOf(value)?.constructor?.name !== tag
    return isSubclass ? 'Instance' : tag
  },
}

const SUBCLASSABLE = new Set(['Array', 'Map', 'Set', 'Date', 'RegExp', 'URL', 'URLSearchParams'])

// An own key named `__proto__` is data like any other, and devalue has no form of its own for it.
const reducers = {
  Entries: (value: unknown) =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__') && Object.entries(value),
}
const revivers = { Entries: (entries: [string, unknown][]) => Object.fromEntries(entries) }

function structuredCopy(view: ArrayBufferView): ArrayBufferView {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice()
  const View = view.constructor as new (buffer: ArrayBuffer) => ArrayBufferView
  return Buffer.isBuffer(view) ? bytes : new View(bytes.buffer)
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
