/** A request that cannot be understood: answered with 400 and this message, which names the field. */
export class RequestError extends Error {}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The body as a JSON object with only these fields. */
export function parseFields<Field extends string>(
  body: string,
  fields: readonly Field[],
): Partial<Record<Field, unknown>> {
  const value = parseJson(body)
  if (!isObject(value)) throw new RequestError('the body must be a JSON object')
  const unknown = Object.keys(value).find((name) => !fields.some((field) => field === name))
  if (unknown === undefined) return value as Partial<Record<Field, unknown>>
  throw new RequestError(`${JSON.stringify(unknown)} is not a field; known are ${fields.join(', ')}`)
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new RequestError('the body must be JSON')
  }
}
