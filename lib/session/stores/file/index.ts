/**
 * Where data lives: one file for each session, `<directory>/ab/<SHA-256 of the token>.session.json`, for the owner only
 * (0600 in 0700), with a text of `stores/record.ts`. The file's mtime is the expiry: a copy made without its times holds
 * expired sessions. Of a session that ended a moment ago it is `ended` and until when (`markText`). `<directory>/epoch`
 * is the epoch, see `destroyAll`.
 * Who removes the dead: `sweep`. It costs one `lstat` a session until `limit` are found; the next goes on from there.
 * What survives a restart: everything; a record is on the disk before its name is.
 * How many processes may share it: any number that see the same POSIX directory, over NFS too; not on Windows.
 */
import { access, constants, link, lstat, lutimes, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ENDED_MS, isTime } from '../../core/limits'
import type { Adopting, LoadedRecord, RefusalReason, SessionRecord, SessionStore } from '../../core/store'
import type { Finding, Inspectable, ListedSession, Listing } from '../abilities'
import { createVersion, epochOf, markedUntil, markText, type RecordText } from '../record'
import { createNonce, createToken, isStorageKey, isToken, storageKey } from '../tokens'
import { inspectDirectory, inspectFiles, LEFTOVER, RECORD } from './inspect'
import { discard, locked, makeDirectory, staged } from './lock'
import {
  checkOwner,
  findShard,
  flush,
  inspectAccess,
  isRecordFile,
  openPlain,
  openRecord,
  SHARD,
  unlessMissing,
} from './trust'

export interface FileStoreOptions {
  /** Made when it is missing, at any time. Files in it that are not of this store are left alone. */
  readonly directory: string
  readonly records: RecordText
  readonly now: () => number
}

const LEFTOVER_MS = 60_000
/** How many tokens a new session tries until one has a shard that can be used. */
const ATTEMPTS = 4
/** How many files a sweep works on at a time. */
const AT_ONCE = 4

/** What lies under the name of a session. */
interface Stored {
  readonly text: string
  /** Epoch milliseconds, whatever the file system has. */
  readonly expiresAt: number
  /** Of a mark. */
  readonly endedUntil: number | undefined
}

export type FileStore = SessionStore & Adopting & Listing & Inspectable

export function createFileStore({ directory, records, now }: FileStoreOptions): FileStore {
  let nextShard = '00' // where the next sweep begins

  const fileOf = (name: string) => join(directory, name.slice(0, 2), `${name}.session.json`)
  const fileOfToken = (token: string) => fileOf(storageKey(token))

  /** What a stored text is at this moment: a session, or the reason why it is none. */
  function judge(
    name: string,
    { text, expiresAt, endedUntil }: Stored,
    epoch: string,
  ): LoadedRecord | { readonly refused: RefusalReason } {
    if (!isTime(expiresAt)) return { refused: 'malformed' }
    if (endedUntil !== undefined) return { refused: now() < endedUntil ? 'ended' : 'unknown' }
    if (expiresAt <= now()) return { refused: 'expired' }
    const found = records.read(name, text)
    if ('refused' in found) return found
    const { record, version } = found
    if (version === undefined) return { refused: 'malformed' }
    return found.epoch === epoch ? { record, version, expiresAt } : { refused: 'unknown' }
  }

  /** The session of this name; a change looks at it under another path, to which it has moved the file. */
  async function find(name: string, path = fileOf(name)) {
    const [found, epoch] = await Promise.all([read(path), readEpoch(directory)])
    return found ? judge(name, found, epoch) : ({ refused: 'unknown' } as const)
  }

  async function compare(
    name: string,
    version: unknown,
    path?: string,
  ): Promise<'same' | 'conflict' | 'gone'> {
    const found = await find(name, path)
    if ('refused' in found) return 'gone'
    return found.version === version ? 'same' : 'conflict'
  }

  /** Whether there is a live session under this name, also one that only another app can open; a mark is none. */
  async function isLive(path: string): Promise<boolean> {
    const found = await read(path)
    return (
      found !== undefined &&
      found.endedUntil === undefined &&
      isTime(found.expiresAt) &&
      now() < found.expiresAt
    )
  }

  /** How a record is written, under a version that was never used before. @throws {SessionTooLargeError} */
  function written(token: string, record: SessionRecord, expiresAt: number, epoch: string) {
    const version = createVersion(epoch)
    return { version, prepare: writing(records.write(token, record, { epoch, version }), expiresAt) }
  }

  /** Leaves a mark where a session was, if `isWanted` (still) says so. */
  async function mark(file: string, isWanted: (path: string) => Promise<boolean>): Promise<boolean> {
    if ((await findShard(dirname(file))) !== 'ours') return false
    const endedUntil = now() + ENDED_MS
    const marked = await locked(file, writing(markText(endedUntil), endedUntil), async (own) =>
      (await isWanted(file)) ? (await isMoved(own, file)) || undefined : false,
    )
    return marked ?? mark(file, isWanted) // the lock was taken over: this process had stood still
  }

  /** Where records may lie. @throws when all of them are another user's, whose sessions do not open here */
  async function shards(): Promise<string[]> {
    await checkOwner(directory)
    const names = (await unlessMissing(readdir(directory))) ?? []
    const ours: string[] = []
    for (const name of names.filter((name) => SHARD.test(name)).sort())
      if ((await findShard(join(directory, name))) === 'ours') ours.push(name)
    return ours
  }

  /** A token whose record can be stored: no shard is used that is a link or belongs to another user. */
  async function newToken(): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const token = createToken()
      if (attempt === ATTEMPTS || typeof (await findShard(dirname(fileOfToken(token)))) !== 'object')
        return token
    }
  }

  /** What a file under the name of a record is, for a count. */
  async function kindOf(name: string): Promise<'live' | 'expired' | 'mark' | 'refused' | undefined> {
    const [found, epoch] = await Promise.all([read(fileOf(name)), readEpoch(directory)])
    if (!found) return undefined
    if (found.endedUntil !== undefined) return 'mark'
    const judged = judge(name, found, epoch)
    if (!('refused' in judged)) return 'live'
    return judged.refused === 'expired' || judged.refused === 'unknown' ? 'expired' : 'refused'
  }

  return {
    name: 'file',

    load: async (token) => (isToken(token) ? find(storageKey(token)) : { refused: 'malformed' }),

    async create(record, expiresAt) {
      const token = await newToken()
      const file = fileOfToken(token)
      const { version, prepare } = written(token, record, expiresAt, await readEpoch(directory))
      await staged(file, prepare, (own) => link(own, file)) // a link never overwrites
      await flush(dirname(file))
      return { token, version }
    },

    async adopt(token, record, expiresAt) {
      const file = fileOfToken(token)
      const { version, prepare } = written(token, record, expiresAt, await readEpoch(directory))
      const isMovedIn = await locked(file, prepare, async (own) => {
        const found = await read(file)
        const end = found && (found.endedUntil ?? found.expiresAt)
        return (end === undefined || end <= now()) && isMoved(own, file)
      })
      if (isMovedIn) await flush(dirname(file))
      return isMovedIn ? { token, version } : 'conflict'
    },

    /** The record stays in the epoch in which it was made. */
    async update(token, record, expiresAt, version) {
      const name = storageKey(token)
      const before = await compare(name, version) // spares a write that is lost already
      if (before !== 'same') return before
      const { prepare, ...next } = written(token, record, expiresAt, epochOf(version) ?? '')
      const result = await locked(fileOf(name), prepare, async (own) => {
        const state = await compare(name, version)
        if (state !== 'same') return state
        return (await isMoved(own, fileOf(name))) ? { token, ...next } : 'conflict'
      })
      if (typeof result === 'object') await flush(dirname(fileOf(name)))
      return result
    },

    /** Takes no lock. If a mark has just replaced the session, only the file of the mark stays longer. */
    async touch(token, expiresAt) {
      const file = fileOfToken(token)
      if ('refused' in (await find(storageKey(token)))) return false
      const seconds = expiresAt / 1000
      return (await unlessMissing(lutimes(file, seconds, seconds).then(() => true))) ?? false
    },

    async destroy(token, version, how) {
      const name = storageKey(token)
      const isAny = async (path: string) => how === 'unmarked' || isLive(path) // a mark, too
      const isWanted = async (path: string) =>
        version === undefined ? isAny(path) : (await compare(name, version, path)) === 'same'
      const isGone = await (how === 'unmarked' ? remove : mark)(fileOf(name), isWanted)
      if (isGone) await flush(dirname(fileOf(name)))
      return isGone || version === undefined ? 'ok' : 'conflict'
    },

    /** First the epoch: what is made meanwhile from an older session is dead, under whatever token. */
    async destroyAll() {
      await shards() // throws where sessions cannot be ended
      await writeEpoch(directory)
      const failures: unknown[] = []
      for (const shard of await shards()) {
        const files = await recordsOf(join(directory, shard))
        const results = await Promise.allSettled(files.map((file) => remove(file)))
        failures.push(...results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])))
        await flush(join(directory, shard))
      }
      if (failures.length > 0) throw new AggregateError(failures.slice(0, AT_ONCE))
    },

    async sweep(at, limit) {
      const isExpired = async (file: string) => ((await endOf(file)) ?? Infinity) <= at
      let failure: unknown // of one record: the others are swept all the same
      const sweepOne = async (file: string) => (await isExpired(file)) && remove(file, isExpired)
      const all = await shards()
      const start = all.filter((shard) => shard >= nextShard)
      let removed = 0
      for (const shard of [...start, ...all.slice(0, all.length - start.length)]) {
        nextShard = shard
        const files = await recordsOf(join(directory, shard))
        while (files.length > 0) {
          if (removed >= limit) return removed
          const some = files.splice(0, Math.min(AT_ONCE, limit - removed))
          const gone = await Promise.all(
            some.map((file) =>
              sweepOne(file).catch((error) => {
                failure = error
              }),
            ),
          )
          removed += gone.filter(Boolean).length
        }
      }
      if (failure !== undefined && removed === 0) throw failure
      return removed
    },

    async count() {
      const { live, expired } = await inspectFiles(directory, kindOf)
      return { live, expired }
    },

    async list(limit) {
      const listed: ListedSession[] = []
      const epoch = await readEpoch(directory)
      for (const shard of await shards()) {
        for (const file of await recordsOf(join(directory, shard))) {
          if (listed.length >= limit) return listed
          const found = await read(file)
          const name = basename(file, '.session.json')
          if (!found || 'refused' in judge(name, found, epoch)) continue
          const session = records.list(name, found.text, found.expiresAt)
          if (session) listed.push(session)
        }
      }
      return listed
    },

    async destroyNamed(name) {
      if (!isStorageKey(name)) return
      const isOurs = async (path: string) => !('refused' in records.read(name, (await read(path))?.text))
      if (await remove(fileOf(name), isOurs)) await flush(dirname(fileOf(name)))
    },

    inspect: () => inspectDirectory(directory, kindOf),
  }
}

/** Why sessions cannot be kept in a directory, or are unsafe there; empty when all is well. Makes it when missing. */
export async function inspectStart(directory: string): Promise<readonly Finding[]> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return await inspectAccess(directory)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [{ level: 'problem', text: `it cannot be made or written: ${reason}` }]
  }
}

/** A text and its expiry, read together. A file of something else has an empty text and no valid time. */
async function read(file: string): Promise<Stored | undefined> {
  const opened = await openRecord(file)
  if (opened === 'refused') return { text: '', expiresAt: Number.NaN, endedUntil: undefined }
  if (!opened) return undefined
  const { handle, found } = opened
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(found.size), 0, found.size, 0)
    const text = buffer.toString('utf8', 0, bytesRead)
    const endedUntil = markedUntil(text)
    return {
      text,
      expiresAt: Math.round(found.mtimeMs),
      endedUntil,
    }
  } finally {
    await handle.close()
  }
}

/** Writes a file before it gets its name: with its time, since a sweep goes by that, and flushed to the disk. */
function writing(text: string, expiresAt: number): (path: string) => Promise<void> {
  return async (path) => {
    const handle = await open(path, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.utimes(expiresAt / 1000, expiresAt / 1000)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

/** Empty before the first `destroyAll`. @throws when the file holds no epoch: ended sessions would open again */
async function readEpoch(directory: string): Promise<string> {
  const path = join(directory, 'epoch')
  const opened = await openPlain(path)
  if (!opened) return ''
  if (opened !== 'refused') {
    const text = await opened.handle.readFile('utf8').finally(() => opened.handle.close())
    if (/^[\w-]{16}$/.test(text)) return text
  }
  throw new Error(`${path} is not the epoch that this store wrote. Remove it and end all sessions again`)
}

async function writeEpoch(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const own = join(directory, `epoch.${createNonce()}.tmp`)
  try {
    await writing(createNonce(), Date.now())(own)
    await rename(own, join(directory, 'epoch'))
    await flush(directory)
  } finally {
    await rm(own, { force: true })
  }
}

/** Removes a record under its lock if `isWanted` (still) says so. False when it does not, or the record is gone already. */
async function remove(
  file: string,
  isWanted: (path: string) => Promise<boolean> = async () => true,
): Promise<boolean> {
  if ((await findShard(dirname(file))) !== 'ours') return false
  const removed = await locked(file, makeDirectory, async (own) => {
    if ((await endOf(file)) === undefined || !(await isWanted(file))) return false
    const taken = join(own, 'record')
    if (!(await isMoved(file, taken))) return undefined
    if (await isWanted(taken)) return true
    await rename(taken, file) // touched at the last moment: touches take no lock
    return false
  })
  return removed ?? remove(file, isWanted) // the lock was taken over: this process had stood still
}

/** The records in a shard. What a crash left there long ago is removed on the way. */
async function recordsOf(shard: string): Promise<string[]> {
  const names = (await unlessMissing(readdir(shard))) ?? []
  for (const name of names.filter((name) => LEFTOVER.test(name))) {
    const mtimeMs = (await unlessMissing(lstat(join(shard, name))))?.mtimeMs ?? Infinity
    // The clock of the file system, not the store's.
    if (mtimeMs < Date.now() - LEFTOVER_MS) await discard(join(shard, name))
  }
  return names.filter((name) => RECORD.test(name)).map((name) => join(shard, name))
}

/** When a record ends; undefined when there is none, or what is there is not of this store. */
async function endOf(file: string): Promise<number | undefined> {
  const found = await unlessMissing(lstat(file))
  return found && isRecordFile(found) ? Math.round(found.mtimeMs) : undefined
}

async function isMoved(from: string, to: string): Promise<boolean> {
  return (await unlessMissing(rename(from, to).then(() => true))) ?? false
}
