/**
 * Where data lives: one JSON file for each session, `<directory>/ab/<SHA-256 of the token>.session.json`, for the
 * owner only (0600 in 0700). The file's mtime is the expiry: a copy made without its times holds expired sessions.
 * Who removes the dead: `sweep`. It costs one `stat` a session until `limit` are found; the next goes on from there.
 * What survives a restart: everything; a record is on the disk before its name is.
 * How many processes may share it: any number that see the same POSIX directory, over NFS too; not on Windows.
 */
import { randomBytes } from 'node:crypto'
import {
  access,
  constants,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  utimes,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { recordFromJson, recordToJson } from '../codec'
import { SessionStoreError } from '../errors'
import { createToken, isToken, storageKey } from '../keys'
import type { SessionRecord, SessionStore } from '../store'

export interface FileStoreOptions {
  /** Made when it is missing, at any time. Files in it that are not of this store are left alone. */
  readonly directory: string
  readonly now: () => number
}

const RECORD = /^[0-9a-f]{64}\.session\.json$/
const LEFTOVER = /^[0-9a-f]{64}\.session\.json\.(?:lock|[\w-]{16}\.tmp)$/
/** A lock is held for a check and a rename, never for a write: nobody needs it half as long unless he crashed. */
const LOCK_STALE_MS = 1000
const LOCK_WAIT_MS = 1500
const LEFTOVER_MS = 60_000

export function createFileStore({ directory, now }: FileStoreOptions): SessionStore {
  let nextShard = '00' // where the next sweep begins
  const inTurn = createTurns()

  function fileOf(token: string): string {
    const key = storageKey(token)
    return join(directory, key.slice(0, 2), `${key}.session.json`)
  }

  async function compare(file: string, version: unknown): Promise<'same' | 'conflict' | 'gone'> {
    const found = await read(file)
    if (!found?.content || found.expiresAt <= now()) return 'gone'
    return found.content.version === version ? 'same' : 'conflict'
  }

  async function shards(): Promise<string[]> {
    const entries = await unlessMissing(readdir(directory, { withFileTypes: true }))
    const ours = (entries ?? []).filter((entry) => entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name))
    return ours.map(({ name }) => name).sort()
  }

  function removeInTurn(file: string, isWanted?: (path: string) => Promise<boolean>): Promise<boolean> {
    return inTurn(file, (since) => remove(file, since, isWanted))
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
        await writeNew(fileOf(token), record, expiresAt)
        return token
      }),

    import: (token, record, expiresAt) =>
      reported('move a session', async () => {
        try {
          await writeNew(fileOf(token), record, expiresAt)
          return 'ok'
        } catch (error) {
          if (hasCode(error, 'EEXIST')) return 'conflict'
          throw error
        }
      }),

    update: (token, record, expiresAt, version) =>
      reported('save a session', async () => {
        const file = fileOf(token)
        const result = await inTurn(file, async (since) => {
          const before = await compare(file, version) // spares a write that is lost already
          if (before !== 'same') return before
          return locked(file, since, writeRecord(record, expiresAt), async (own) => {
            const state = await compare(file, version)
            if (state !== 'same') return state
            return (await isMoved(own, file)) ? { token } : 'conflict'
          })
        })
        if (typeof result === 'object') await flush(dirname(file))
        return result
      }),

    touch: (token, expiresAt) =>
      reported('touch a session', async () => {
        const file = fileOf(token)
        if (((await expiryOf(file)) ?? 0) <= now()) return false
        const seconds = expiresAt / 1000
        return (await unlessMissing(utimes(file, seconds, seconds).then(() => true))) ?? false
      }),

    destroy: (token, version) =>
      reported('destroy a session', async () => {
        const isSame = async (path: string) => (await compare(path, version)) === 'same'
        const removed = await removeInTurn(fileOf(token), version === undefined ? undefined : isSame)
        return removed || version === undefined ? 'ok' : 'conflict'
      }),

    destroyAll: () =>
      reported("end everyone's sessions", async () => {
        for (const shard of await shards())
          await Promise.all((await recordsOf(join(directory, shard))).map((file) => removeInTurn(file)))
      }),

    sweep: (at, limit) =>
      reported('sweep', async () => {
        const isExpired = async (file: string) => ((await expiryOf(file)) ?? Infinity) <= at
        const all = await shards()
        const start = all.filter((shard) => shard >= nextShard)
        let removed = 0
        for (const shard of [...start, ...all.slice(0, all.length - start.length)]) {
          nextShard = shard
          for (const file of await recordsOf(join(directory, shard))) {
            if (removed >= limit) return removed
            if ((await isExpired(file)) && (await removeInTurn(file, isExpired))) removed++
          }
        }
        return removed
      }),
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

/**
 * Work on one file, one after another in the order of asking: requests of one process do not race for the lock, where
 * all but one would write in vain. `since` (of `performance.now()`) is when the work was asked for.
 */
function createTurns() {
  const last = new Map<string, Promise<unknown>>()
  return async <T>(file: string, work: (since: number) => Promise<T>): Promise<T> => {
    const since = performance.now()
    const turn = (last.get(file) ?? Promise.resolve()).then(() => work(since))
    const end = turn.catch(() => {})
    last.set(file, end)
    try {
      return await turn
    } finally {
      if (last.get(file) === end) last.delete(file)
    }
  }
}

/** A record with its expiry, both of one moment; no content when the file holds anything else than a record. */
async function read(file: string) {
  const handle = await unlessMissing(open(file))
  if (!handle) return undefined
  try {
    const { mtimeMs, size } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0)
    return { expiresAt: Math.round(mtimeMs), content: parse(buffer.toString('utf8', 0, bytesRead)) }
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

function writeRecord(record: SessionRecord, expiresAt: number): (path: string) => Promise<void> {
  return async (path) => {
    const handle = await open(path, 'wx', 0o600)
    try {
      await handle.writeFile(JSON.stringify(recordToJson(record, { n: randomName() })))
      await handle.utimes(expiresAt / 1000, expiresAt / 1000) // before anybody can see it: a sweep goes by it
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

async function writeNew(file: string, record: SessionRecord, expiresAt: number): Promise<void> {
  await staged(file, writeRecord(record, expiresAt), (own) => link(own, file)) // a link never overwrites
  await flush(dirname(file))
}

/** Removes a record under its lock if it is (still) wanted gone. False when not, or when it is gone already. */
async function remove(
  file: string,
  since: number,
  isWanted = async (_path: string) => true,
): Promise<boolean> {
  const removed = await locked(file, since, makeDirectory, async (own) => {
    if ((await expiryOf(file)) === undefined || !(await isWanted(file))) return false
    const taken = join(own, 'record')
    if (!(await isMoved(file, taken))) return undefined
    if (await isWanted(taken)) return true
    await rename(taken, file) // touched at the last moment: touches take no lock
    return false
  })
  if (removed) await flush(dirname(file))
  return removed ?? remove(file, since, isWanted) // the lock was taken over: this process had stood still
}

/**
 * Runs `work` as the only one of all processes that change this record. The lock is a directory `<file>.lock`:
 * renaming a directory to that name succeeds for one only, until it is empty again. It arrives with `own` inside,
 * prepared before, and a change is one rename from or to a path under `own`. So whoever lost the lock (broken by
 * others because it stood still too long) cannot change anything any more: the rename fails. Lock files that are
 * made, judged by age and removed by name (`proper-lockfile`, issue 121) let two in once a stale one is found.
 */
async function locked<T>(
  file: string,
  since: number,
  prepare: (path: string) => Promise<void>,
  work: (own: string) => Promise<T>,
): Promise<T> {
  const lock = `${file}.lock`
  return staged(file, prepare, async (prepared, name) => {
    await acquire(dirname(prepared), lock, since)
    try {
      return await work(join(lock, name))
    } finally {
      await rmdir(lock).catch(() => discard(join(lock, name)).then(() => rmdir(lock).catch(() => {})))
    }
  })
}

/** Prepares something in a directory of its own, beside the file and on the same disk; nothing is left of it. */
async function staged<T>(
  file: string,
  prepare: (path: string) => Promise<void>,
  work: (own: string, name: string) => Promise<T>,
): Promise<T> {
  const name = randomName()
  const stage = `${file}.${name}.tmp`
  try {
    if (!(await unlessMissing(makeDirectory(stage).then(() => true)))) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await makeDirectory(stage)
    }
    await prepare(join(stage, name))
    return await work(join(stage, name), name)
  } finally {
    await discard(stage)
  }
}

async function acquire(stage: string, lock: string, since: number): Promise<void> {
  let holder = { name: '', since }
  while (!(await isLocked(stage, lock))) {
    const [name = ''] = (await unlessMissing(readdir(lock))) ?? []
    const time = performance.now()
    // A name is used once: who is seen under one all that time is one holder. No clocks of machines are compared.
    if (name === '' || name !== holder.name) holder = { name, since: time }
    else if (time - holder.since > LOCK_STALE_MS) {
      await discard(join(lock, name))
      holder = { name: '', since: time }
      continue
    }
    if (time - since > LOCK_WAIT_MS) throw new Error(`Waited ${LOCK_WAIT_MS} ms for ${lock}.`)
    await pause(1 + Math.random() * 9)
  }
}

async function isLocked(stage: string, lock: string): Promise<boolean> {
  try {
    await rename(stage, lock)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY') || hasCode(error, 'EEXIST')) return false
    throw error
  }
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

async function expiryOf(file: string): Promise<number | undefined> {
  const found = await unlessMissing(stat(file))
  return found && Math.round(found.mtimeMs)
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, 0o700)
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

async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {}) // a sweep finds what is left
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function randomName(): string {
  return randomBytes(12).toString('base64url')
}
