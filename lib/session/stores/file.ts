/**
 * Where data lives: one JSON file for each session, `<directory>/ab/<SHA-256 of the token>.session.json`, for the
 * owner only (0600 in 0700). The file's mtime is the expiry: a copy made without its times holds expired sessions.
 * Who removes the dead: `sweep`. It costs one `stat` a session until `limit` are found; the next goes on from there.
 * What survives a restart: everything; a record is on the disk before its name is.
 * How many processes may share it: any number that see the same POSIX directory, over NFS too; not on Windows.
 */
import { access, constants, link, lstat, lutimes, mkdir, open, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { listedFromText, recordFromJson, recordToJson } from '../codec'
import { SessionStoreError } from '../errors'
import { discard, locked, makeDirectory, staged } from '../file-lock'
import { inspectDirectory, LEFTOVER, RECORD, surveyDirectory } from '../file-survey'
import {
  checkOwner,
  findShard,
  flush,
  hasCode,
  inspectAccess,
  isRecordFile,
  openRecord,
  SHARD,
  unlessMissing,
} from '../file-trust'
import { createNonce, createToken, isStorageKey, isToken, storageKey, tagOf } from '../keys'
import type { Finding, ListedSession, SessionRecord, SessionStore } from '../store'

export interface FileStoreOptions {
  /** Made when it is missing, at any time. Files in it that are not of this store are left alone. */
  readonly directory: string
  readonly now: () => number
}

const LEFTOVER_MS = 60_000
/** How many tokens a new session tries until one has a shard that can be used. */
const ATTEMPTS = 4
/** How many files a sweep works on at a time. */
const AT_ONCE = 4

export function createFileStore({ directory, now }: FileStoreOptions): SessionStore {
  let nextShard = '00' // where the next sweep begins

  const fileOf = (token: string) => fileNamed(storageKey(token))

  function fileNamed(key: string): string {
    return join(directory, key.slice(0, 2), `${key}.session.json`)
  }

  async function compare(file: string, version: unknown): Promise<'same' | 'conflict' | 'gone'> {
    const found = await read(file)
    if (!found?.content || found.expiresAt <= now()) return 'gone'
    return found.content.version === version ? 'same' : 'conflict'
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

  /** A token whose record can be stored: a shard that is a link or another user's is passed over. */
  async function newToken(): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const token = createToken()
      if (attempt === ATTEMPTS || typeof (await findShard(dirname(fileOf(token)))) !== 'object') return token
    }
  }

  return {
    name: 'file',

    load: (token) =>
      reported('load a session', async () => {
        if (!isToken(token)) return { refused: 'malformed' }
        const found = await read(fileOf(token))
        if (!found) return { refused: 'unknown' }
        if (found.expiresAt <= now()) return { refused: 'expired' }
        return found.content ? { ...found.content, expiresAt: found.expiresAt } : { refused: 'malformed' }
      }),

    create: (record, expiresAt) =>
      reported('create a session', async () => {
        const token = await newToken()
        await writeNew(fileOf(token), token, record, expiresAt)
        return token
      }),

    import: (token, record, expiresAt) =>
      reported('move a session', async () => {
        try {
          await writeNew(fileOf(token), token, record, expiresAt)
          return 'ok'
        } catch (error) {
          if (hasCode(error, 'EEXIST')) return 'conflict'
          throw error
        }
      }),

    update: (token, record, expiresAt, version) =>
      reported('save a session', async () => {
        const file = fileOf(token)
        const before = await compare(file, version) // spares a write that is lost already
        if (before !== 'same') return before
        const result = await locked(file, writeRecord(token, record, expiresAt), async (own) => {
          const state = await compare(file, version)
          if (state !== 'same') return state
          return (await isMoved(own, file)) ? { token } : 'conflict'
        })
        if (typeof result === 'object') await flush(dirname(file))
        return result
      }),

    touch: (token, expiresAt) =>
      reported('touch a session', async () => {
        const file = fileOf(token)
        if ((await findShard(dirname(file))) !== 'ours') return false
        if (((await endOf(file)) ?? 0) <= now()) return false
        const seconds = expiresAt / 1000
        return (await unlessMissing(lutimes(file, seconds, seconds).then(() => true))) ?? false
      }),

    destroy: (token, version) =>
      reported('destroy a session', async () => {
        const isSame = async (path: string) => (await compare(path, version)) === 'same'
        const file = fileOf(token)
        const removed = await remove(file, version === undefined ? undefined : isSame)
        if (removed) await flush(dirname(file))
        return removed || version === undefined ? 'ok' : 'conflict'
      }),

    destroyAll: () =>
      reported("end everyone's sessions", async () => {
        const failures: unknown[] = []
        for (const shard of await shards()) {
          const files = await recordsOf(join(directory, shard))
          const results = await Promise.allSettled(files.map((file) => remove(file)))
          failures.push(...results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])))
          await flush(join(directory, shard))
        }
        if (failures.length > 0) throw new AggregateError(failures.slice(0, AT_ONCE))
      }),

    sweep: (at, limit) =>
      reported('sweep', async () => {
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
      }),

    count: () =>
      reported('count sessions', async () => {
        const { live, expired } = await surveyDirectory(directory, now())
        return { live, expired }
      }),

    list: (limit) =>
      reported('list sessions', async () => {
        const listed: ListedSession[] = []
        for (const shard of await shards()) {
          for (const file of await recordsOf(join(directory, shard))) {
            if (listed.length >= limit) return listed
            const found = await read(file)
            if (!found || found.expiresAt <= now()) continue
            const session = listedFromText(basename(file, '.session.json'), found.text, found.expiresAt)
            if (session) listed.push(session)
          }
        }
        return listed
      }),

    end: (key) =>
      reported('end a session', async () => {
        if (!isStorageKey(key)) return
        if (await remove(fileNamed(key))) await flush(dirname(fileNamed(key)))
      }),

    inspect: () => reported('be inspected', () => inspectDirectory(directory, now())),
  }
}

/** What keeps sessions from a directory, or makes them unsafe there; empty when all is well. Makes it when missing. */
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

async function reported<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new SessionStoreError('file', operation, { cause })
  }
}

/** A record with its expiry, both of one moment; no content when the file holds anything else than a record. */
async function read(file: string) {
  const opened = await openRecord(file)
  if (opened === 'refused') return { expiresAt: Infinity, text: '', content: undefined }
  if (!opened) return undefined
  const { handle, found } = opened
  try {
    const { mtimeMs, size } = found
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0)
    const text = buffer.toString('utf8', 0, bytesRead)
    return { expiresAt: Math.round(mtimeMs), text, content: parse(text) }
  } finally {
    await handle.close()
  }
}

function parse(text: string): { record: SessionRecord; version: string } | undefined {
  try {
    const json = JSON.parse(text)
    const record = recordFromJson(json, Infinity)
    return record && typeof json.n === 'string' ? { record, version: json.n } : undefined
  } catch {
    return undefined // not ours any more: refused like any other hostile input
  }
}

function writeRecord(
  token: string,
  record: SessionRecord,
  expiresAt: number,
): (path: string) => Promise<void> {
  return async (path) => {
    const handle = await open(path, 'wx', 0o600)
    try {
      await handle.writeFile(JSON.stringify(recordToJson(record, { t: tagOf(token), n: createNonce() })))
      await handle.utimes(expiresAt / 1000, expiresAt / 1000) // before anybody can see it: a sweep goes by it
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

async function writeNew(
  file: string,
  token: string,
  record: SessionRecord,
  expiresAt: number,
): Promise<void> {
  await staged(file, writeRecord(token, record, expiresAt), (own) => link(own, file)) // a link never overwrites
  await flush(dirname(file))
}

/** Removes a record under its lock if it is (still) wanted gone. False when not, or when it is gone already. */
async function remove(file: string, isWanted = async (_path: string) => true): Promise<boolean> {
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
