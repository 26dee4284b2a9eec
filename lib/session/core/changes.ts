import type { EncodedData } from './store'
import { decodeValue, encodeValue } from './values'

/** A function given to `update`: takes the value of its key, undefined when absent, and returns the next one. */
export type UpdateStep = (value: unknown) => unknown

/** What happened to one key since it was loaded. */
export type Change =
  | { readonly kind: 'set'; readonly text: string }
  | { readonly kind: 'delete' }
  /** `text` is the result when the key still holds `from`; on any other value the steps run again. */
  | {
      readonly kind: 'update'
      readonly from: string | undefined
      readonly text: string
      readonly steps: readonly UpdateStep[]
    }

/** A save's changes: first the clear, if any, then each key's change. */
export interface Patch {
  readonly cleared: boolean
  readonly changes: ReadonlyMap<string, Change>
}

export const EMPTY_PATCH: Patch = { cleared: false, changes: new Map() }

/**
 * `fresh` with the patch applied; `fresh` itself is left alone. Keys that the patch does not name keep their fresh
 * values, so two saves of different keys both survive, and `update` counts from the fresh value.
 * @throws {SessionValueError} when a replayed step returns what cannot be stored
 */
export function applyPatch(fresh: EncodedData, patch: Patch): EncodedData {
  const merged = new Map(patch.cleared ? [] : fresh)
  for (const [key, change] of patch.changes) {
    if (change.kind === 'delete') merged.delete(key)
    else merged.set(key, change.kind === 'set' ? change.text : replay(key, change, merged.get(key)))
  }
  return merged
}

function replay(key: string, change: Extract<Change, { kind: 'update' }>, fresh: string | undefined): string {
  if (fresh === change.from) return change.text
  const result = change.steps.reduce((value, step) => step(value), decodeOrAbsent(fresh))
  return encodeValue(key, result)
}

/** As `get` does: a text that cannot be decoded is an absent key. */
function decodeOrAbsent(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : decodeValue(text)
  } catch {
    return undefined
  }
}
