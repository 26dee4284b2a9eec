import type { Session } from '@/lib/session'
import { isObject, parseFields, RequestError } from './body'

/** What a PATCH asks for, in the order in which it is applied. */
export interface SessionPatch {
  set: [key: string, value: unknown][]
  delete: string[]
  increment: [key: string, by: number][]
  save: boolean
}

/**
 * Validated by hand: JSON.parse makes a key such as `__proto__` an own property, and entries keep it one, where a
 * schema library would rebuild the object and lose it.
 * @throws {RequestError} naming the field
 */
export function parsePatch(body: string): SessionPatch {
  const {
    set = {},
    delete: deleted = [],
    increment = {},
    save = true,
  } = parseFields(body, ['set', 'delete', 'increment', 'save'])
  if (!isObject(set)) throw new RequestError('"set" must be an object of keys and values')
  if (!isStrings(deleted)) throw new RequestError('"delete" must be a list of keys')
  if (!isObject(increment)) throw new RequestError('"increment" must be an object of keys and whole numbers')
  if (typeof save !== 'boolean') throw new RequestError('"save" must be true or false')
  return {
    set: Object.entries(set),
    delete: deleted,
    increment: Object.entries(increment).map(wholeNumber),
    save,
  }
}

/** Changes this request's copy; nothing is stored. @throws {RequestError} when a key to increment holds no number */
export function applyPatch(session: Session<Record<string, unknown>>, patch: SessionPatch): void {
  for (const [key, value] of patch.set) session.set(key, value)
  for (const key of patch.delete) session.delete(key)
  for (const [key, by] of patch.increment) {
    // Runs again at a conflict, on a fresh value that may have become something else.
    session.update(key, (value = 0) => {
      if (typeof value === 'number') return value + by
      throw new RequestError(`"increment" of ${JSON.stringify(key)}: its value is not a number`)
    })
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function wholeNumber([key, by]: [string, unknown]): [string, number] {
  if (typeof by === 'number' && Number.isSafeInteger(by)) return [key, by]
  throw new RequestError(`"increment" of ${JSON.stringify(key)} must be a whole number`)
}
