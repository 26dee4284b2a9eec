/** A request that cannot be understood: answered with 400 and this message, which names the field. */
export class RequestError extends Error {}

/** A body that is more than a session could keep in any store: answered with 413. */
export class BodyTooLargeError extends Error {
  readonly bytes: number
  readonly limitBytes: number

  constructor(bytes: number, limitBytes: number) {
    super(`the body has ${bytes} bytes and the limit is ${limitBytes}`)
    this.bytes = bytes
    this.limitBytes = limitBytes
  }
}

const BODY_LIMIT_BYTES = 2 * 1024 * 1024

/** @throws {BodyTooLargeError} before the body is read where its length is announced */
export async function readBody(request: Request): Promise<string> {
  assertSize(Number(request.headers.get('content-length') ?? 0))
  const body = await request.text()
  assertSize(Buffer.byteLength(body))
  return body
}

function assertSize(bytes: number): void {
  if (bytes > BODY_LIMIT_BYTES) throw new BodyTooLargeError(bytes, BODY_LIMIT_BYTES)
}

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
