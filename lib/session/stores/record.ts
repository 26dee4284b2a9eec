import { isSigned, type Keyring, publicIdOf, sign } from '../core/keys'
import { isPastTime, isTime } from '../core/limits'
import type { EncodedData, SessionRecord } from '../core/store'
import type { ListedSession } from './abilities'
import { SessionTooLargeError } from './errors'
import { createNonce, storageKey } from './tokens'

export interface RecordTextOptions {
  readonly keyring: Keyring
  /** The largest text that is written (SESSION_MAX_BYTES). A larger one that is stored already is read all the same. */
  readonly maxBytes: number
  readonly now: () => number
}

/** What a store may keep in the text beside the record, under the same MAC. */
export interface RecordFields {
  /** The store's epoch when the session was made, see `SessionStore.destroyAll`; empty before the first one. */
  readonly epoch?: string | undefined
  readonly version?: string | undefined
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined
}

export interface ReadText extends RecordFields {
  readonly record: SessionRecord
  /** The public id. */
  readonly publicId: string
  readonly epoch: string
}

/** The text is not one of ours, or its record not one that can be; signed by none of our keys; or not signed so. */
export interface RefusedText {
  readonly refused: 'malformed' | 'unknown-secret' | 'forged'
}

/**
 * A record as text, for every store on the server: `<key id>.<MAC>.<JSON>`. The MAC covers the name under which the
 * text is stored, and its key comes from a secret and the cookie's name. So a record opens only in the app that made
 * it, and only under its own name. An attacker with write
 * access to the store but without the secret cannot make, change or copy a record.
 */
export interface RecordText {
  /** The text to store for a token, signed with the newest secret. @throws {SessionTooLargeError} above `maxBytes` */
  write(token: string, record: SessionRecord, fields?: RecordFields): string

  /** What a text says that is stored under `name` (`storageKey` of its token), verified under every secret. */
  read(name: string, text: unknown): ReadText | RefusedText

  /** What `list` tells of a text; undefined for one that `read` refuses, or with an `expiresAt` that is no time. */
  list(name: string, text: unknown, expiresAt: number): ListedSession | undefined
}

export function createRecordText({ keyring, maxBytes, now }: RecordTextOptions): RecordText {
  const [newest] = keyring

  function read(name: string, text: unknown): ReadText | RefusedText {
    if (typeof text !== 'string') return { refused: 'malformed' }
    const [head, id, mac = ''] = /^(\d{1,10})\.([\w-]{22})\./.exec(text) ?? []
    if (head === undefined) return { refused: 'malformed' }
    const keys = keyring.filter((key) => key.id === id).map(({ recordKey }) => recordKey)
    if (keys.length === 0) return { refused: 'unknown-secret' }
    const json = text.slice(head.length)
    if (!isSigned(signed(name, json), mac, keys)) return { refused: 'forged' }
    return parse(json, now()) ?? { refused: 'malformed' }
  }

  return {
    write(token, record, { epoch, version, expiresAt } = {}) {
      const json = JSON.stringify(
        recordToJson(record, {
          t: publicIdOf(token),
          ...(epoch && { e: epoch }),
          ...(version !== undefined && { n: version }),
          ...(expiresAt !== undefined && { x: expiresAt }),
        }),
      )
      const text = `${newest.id}.${sign(signed(storageKey(token), json), newest.recordKey)}.${json}`
      const bytes = Buffer.byteLength(text)
      if (bytes > maxBytes)
        throw new SessionTooLargeError(bytes, maxBytes, heaviestKeys(record.data), 'raise SESSION_MAX_BYTES')
      return text
    },

    read,

    list(name, text, expiresAt) {
      const found = read(name, text)
      if ('refused' in found || !isTime(expiresAt)) return undefined
      const { createdAt, savedAt } = found.record
      const bytes = Buffer.byteLength(String(text))
      return { name, publicId: found.publicId, createdAt, savedAt, expiresAt, bytes }
    },
  }
}

/** A version that was never used before, of a record of this epoch. */
export function createVersion(epoch: string): string {
  return `${epoch}:${createNonce()}`
}

/** The epoch of a version of `createVersion`; undefined for anything else. */
export function epochOf(version: unknown): string | undefined {
  return /^([\w-]*):[\w-]+$/.exec(String(version))?.[1]
}

/** A name is hexadecimal: where it ends, no other name can go on. */
function signed(name: string, json: string): string {
  return `${name} ${json}`
}

function parse(text: string, now: number): ReadText | undefined {
  try {
    const json = JSON.parse(text)
    const record = recordFromJson(json, now)
    const { t: publicId, e: epoch = '', n: version, x: expiresAt } = json
    const isSound =
      typeof publicId === 'string' &&
      typeof epoch === 'string' &&
      (version === undefined || typeof version === 'string') &&
      (expiresAt === undefined || isTime(expiresAt))
    return record && isSound ? { record, publicId, epoch, version, expiresAt } : undefined
  } catch {
    return undefined // signed by us, and yet no record: one of another version of lib/session
  }
}

const FORMAT_VERSION = 2

/** A record as one JSON value, short for the cookie's sake. `extra` fields travel beside it. */
export function recordToJson(record: SessionRecord, extra: Record<string, string | number> = {}): object {
  const data = [...record.data].flatMap(([key, text]) => [key, JSON.parse(text)])
  return {
    ...extra,
    v: FORMAT_VERSION,
    c: record.createdAt,
    s: record.savedAt,
    a: record.avoidTouch ? 1 : 0,
    d: data,
  }
}

/**
 * The record of `recordToJson`, or undefined when it is anything else: another version, a time that `Date` cannot hold
 * or that lies in the future of `now` (epoch milliseconds), a save before the creation.
 */
export function recordFromJson(json: unknown, now: number): SessionRecord | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const { v, c, s, a, d } = json as Record<string, unknown>
  if (v !== FORMAT_VERSION || !isPastTime(c, now) || !isPastTime(s, now) || s < c) return undefined
  if (!Array.isArray(d) || d.length % 2 !== 0) return undefined
  const data = new Map<string, string>()
  for (let i = 0; i < d.length; i += 2) {
    if (typeof d[i] !== 'string') return undefined
    data.set(d[i], JSON.stringify(d[i + 1]))
  }
  return { createdAt: c, savedAt: s, avoidTouch: a === 1, data }
}

/** The keys that weigh most, in bytes of their encoded values, largest first. */
export function heaviestKeys(data: EncodedData, limit = 3): { key: string; bytes: number }[] {
  return [...data]
    .map(([key, text]) => ({ key, bytes: Buffer.byteLength(text) }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, limit)
}

/** What some stores keep in the place of a session that ended, until when: epoch milliseconds. */
export function markText(until: number): string {
  return `ended ${until}`
}

/** Until when a text marks a session as ended; undefined for any other text. */
export function markedUntil(text: string): number | undefined {
  const until = /^ended (\d{1,16})$/.exec(text)?.[1]
  return until === undefined ? undefined : Number(until)
}
