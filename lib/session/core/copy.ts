import type { Change, Patch, UpdateStep } from './changes'
import type { EncodedData } from './store'
import { decodeValue, encodeValue, isSameValue } from './values'

/** A patch, and what the copy held when it was made, so that `rebase` knows what changed during the save. */
export interface PendingPatch extends Patch {
  /** Whether there is nothing to write. */
  readonly isEmpty: boolean
  readonly clears: number
  readonly texts: ReadonlyMap<string, string | undefined>
}

const DELETED = Symbol('deleted')

/**
 * This request's copy of a session's data. A value is decoded at its first read, and then is the application's own: a
 * change inside it is found by encoding it again. Nothing here reaches a store; `patch()` returns what a save has to do.
 */
export class RequestCopy {
  #base: EncodedData
  /** Keys that were read or changed; all others are as in the base. */
  readonly #values = new Map<string, unknown>()
  /** Keys that only `update` changed, so that its steps can run again; `text` is what the last step returned. */
  readonly #updates = new Map<string, { steps: UpdateStep[]; text: string }>()
  /** Keys that were set or deleted as a whole: a later `update` counts from what this request put there. */
  readonly #replaced = new Set<string>()
  /** Keys whose text cannot be decoded: absent here, and a save keeps them as they are. */
  readonly #unreadable = new Set<string>()
  readonly #onUnreadableKey: (key: string) => void
  #clears = 0
  #clearsSaved = 0

  constructor(base: EncodedData, onUnreadableKey: (key: string) => void) {
    this.#base = base
    this.#onUnreadableKey = onUnreadableKey
  }

  has(key: string): boolean {
    this.#read(key)
    return this.#values.has(key) && this.#values.get(key) !== DELETED
  }

  get(key: string): unknown {
    return this.has(key) ? this.#values.get(key) : undefined
  }

  keys(): string[] {
    const baseKeys = this.#isCleared ? [] : this.#base.keys()
    return [...new Set([...baseKeys, ...this.#values.keys()])].filter((key) => this.has(key))
  }

  /** The bytes of the encoded value. */
  bytesOf(key: string): number | undefined {
    const text = this.#text(key)
    return text === undefined ? undefined : Buffer.byteLength(text)
  }

  set(key: string, value: unknown): void {
    encodeValue(key, value)
    this.#replace(key, value)
  }

  delete(key: string): boolean {
    const existed = this.has(key)
    if (existed || this.#base.has(key)) this.#replace(key, DELETED)
    return existed
  }

  clear(): void {
    this.#forget()
    this.#clears += 1
  }

  update(key: string, step: UpdateStep): void {
    const known = this.#updates.get(key)
    const replayable =
      !this.#isCleared &&
      !this.#replaced.has(key) &&
      isSameValue(known?.text ?? this.#base.get(key), this.#text(key))
    const value = step(this.get(key))
    const text = encodeValue(key, value)
    this.#replace(key, value)
    if (!replayable) return
    this.#replaced.delete(key)
    this.#updates.set(key, { steps: [...(known?.steps ?? []), step], text })
  }

  revert(): void {
    this.#forget()
    this.#clearsSaved = this.#clears
  }

  /** What a save has to do now. @throws {SessionValueError} when a value was changed into one that cannot be stored */
  patch(): PendingPatch {
    const texts = new Map([...this.#values.keys()].map((key) => [key, this.#text(key)]))
    const changes = new Map<string, Change>()
    for (const [key, text] of texts) {
      const change = this.#change(key, text)
      if (change) changes.set(key, change)
    }
    const isEmpty = changes.size === 0 && !(this.#isCleared && this.#base.size > 0)
    return { isEmpty, cleared: this.#isCleared, changes, clears: this.#clears, texts }
  }

  /** The keys with changes that no save has stored. */
  changedKeys(): string[] {
    const patch = this.patch()
    const cleared = patch.cleared ? this.#base.keys() : []
    return [...new Set([...cleared, ...patch.changes.keys()])]
  }

  get isDirty(): boolean {
    return !this.patch().isEmpty
  }

  /** `saved` is stored: it is the new base. What was changed while the save was under way stays a change. */
  rebase(saved: EncodedData, patch: PendingPatch): void {
    for (const key of [...this.#values.keys()]) {
      const sent = patch.texts.get(key)
      this.#updates.delete(key)
      if (this.#text(key) !== sent || !patch.texts.has(key)) {
        this.#replaced.add(key)
        continue
      }
      this.#replaced.delete(key)
      if (!isSameValue(saved.get(key), sent)) this.#values.delete(key)
    }
    this.#base = saved
    this.#clearsSaved = patch.clears
  }

  get #isCleared(): boolean {
    return this.#clears > this.#clearsSaved
  }

  #read(key: string): void {
    const text = this.#base.get(key)
    if (this.#values.has(key) || this.#unreadable.has(key) || this.#isCleared || text === undefined) return
    try {
      this.#values.set(key, decodeValue(text))
    } catch {
      this.#unreadable.add(key)
      this.#onUnreadableKey(key)
    }
  }

  #replace(key: string, value: unknown): void {
    this.#values.set(key, value)
    this.#updates.delete(key)
    this.#replaced.add(key)
  }

  #forget(): void {
    this.#values.clear()
    this.#updates.clear()
    this.#replaced.clear()
  }

  #text(key: string): string | undefined {
    return this.has(key) ? encodeValue(key, this.#values.get(key)) : undefined
  }

  #change(key: string, text: string | undefined): Change | undefined {
    const from = this.#isCleared ? undefined : this.#base.get(key)
    if (text === undefined) return from === undefined ? undefined : { kind: 'delete' }
    if (isSameValue(from, text)) return undefined
    const update = this.#updates.get(key)
    return update?.text === text ? { kind: 'update', from, text, steps: update.steps } : { kind: 'set', text }
  }
}
