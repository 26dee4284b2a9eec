/**
 * Where data lives: one JSON file for each session, `<directory>/ab/<SHA-256 of the token>.session.json`, for the
 * owner only (0600 in 0700). The file's mtime is the expiry: a copy made without its times holds expired sessions.
 * Who removes the dead: `sweep`. It costs one `stat` a session until `limit` are found; the next goes on from there.
 * What survives a restart: everything; a record is on the disk before its name is.
 * How many processes may share it: any number that see the same POSIX directory, over NFS too; not on Windows.
 */
import { access, constants, link, mkdir, open, readdir, rename, stat, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { listedFromText, recordFromJson, recordToJson } from '../codec'
import { SessionStoreError } from '../errors'
import { discard, hasCode, locked, makeDirectory, staged, unlessMissing } from '../file-lock'
import { inspectDirectory, LEFTOVER, RECORD, SHARD, surveyDirectory } from '../file-survey'
import { createNonce, createToken, isStorageKey, isToken, storageKey, tagOf } from '../keys'
import type { ListedSession, SessionRecord, SessionStore } from '../store'

export interface FileStoreOptions {
  /** Made when it is missing, at any time. Files in it that are not of this store are left alone. */
  readonly directory: string
  readonly now: () => number
}

const LEFTOVER_MS = 60_000
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

  async function shards(): Promise<string[]> {
    const entries = await unlessMissing(readdir(directory, { withFileTypes: true }))
    const ours = (entries ?? []).filter((entry) => entry.isDirectory() && SHARD.test(entry.name))
    return ours.map(({ name }) => name).sort()
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
        const token = createToken()
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
        if (((await endOf(file)) ?? 0) <= now()) return false
        const seconds = expiresAt / 1000
        return (await unlessMissing(utimes(file, seconds, seconds).then(() => true))) ?? false
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
        for (const shard of await shards()) {
          await Promise.all((await recordsOf(join(directory, shard))).map((file) => remove(file)))
          await flush(join(directory, shard))
        }
      }),

    sweep: (at, limit) =>
      reported('sweep', async () => {
        const isExpired = async (file: string) => ((await endOf(file)) ?? Infinity) <= at
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
              some.map(async (file) => (await isExpired(file)) && remove(file, isExpired)),
            )
            removed += gone.filter(Boolean).length
          }
        }
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

/** Why sessions cannot be kept in a directory; undefined when they can. Makes it when it is missing. */
export async function findDirectoryProblem(directory: string): Promise<string | undefined> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return `it cannot be made or written: ${error instanceof Error ? error.message : String(error)}`
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
  const handle = await unlessMissing(open(file))
  if (!handle) return undefined
  try {
    const { mtimeMs, size } = await handle.stat()
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
    const record = recordFromJson(json)
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
async function remove(
  file: string,
  isWanted: (path: string) => Promise<boolean> = async () => true,
): Promise<boolean> {
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
    const mtimeMs = (await unlessMissing(stat(join(shard, name))))?.mtimeMs ?? Infinity
    // The clock of the file system, not the store's.
    if (mtimeMs < Date.now() - LEFTOVER_MS) await discard(join(shard, name))
  }
  return names.filter((name) => RECORD.test(name)).map((name) => join(shard, name))
}

async function endOf(file: string): Promise<number | undefined> {
  const found = await unlessMissing(stat(file))
  return found && Math.round(found.mtimeMs)
}

async function isMoved(from: string, to: string): Promise<boolean> {
  return (await unlessMissing(rename(from, to).then(() => true))) ?? false
}

/** Makes a new or removed name survive a power failure, where the file system can. */
async function flush(path: string): Promise<void> {
  const handle = await open(path).catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}
