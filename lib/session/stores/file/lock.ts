/**
 * A lock on one file among any number of processes, of one machine or of several on NFS, that survives their crashes;
 * and the few file operations that go with it.
 */
import { mkdir, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createNonce } from '../tokens'
import { findShard, hasCode, unlessMissing } from './trust'

/** A lock is held for a check and a rename, never for a write: a healthy process holds it for far less than this. */
const LOCK_STALE_MS = 1000
const LOCK_WAIT_MS = 1500

/**
 * Runs `work` as the only one of all processes that change this record. The lock is a directory `<file>.lock`:
 * renaming a directory to that name succeeds for one only, until it is empty again. It arrives with `own` inside,
 * prepared before, and a change is one rename from or to a path under `own`. So a process that lost the lock
 * (others broke it because it stood still too long) cannot change anything any more: its rename fails. Lock files that are
 * made, judged by age and removed by name (`proper-lockfile`, issue 121) let two in once a stale one is found.
 */
export async function locked<T>(
  file: string,
  prepare: (path: string) => Promise<void>,
  work: (own: string) => Promise<T>,
): Promise<T> {
  const lock = `${file}.lock`
  return staged(file, prepare, async (prepared, name) => {
    await acquire(dirname(prepared), lock)
    try {
      return await work(join(lock, name))
    } finally {
      await rmdir(lock).catch(() => discard(join(lock, name)).then(() => rmdir(lock).catch(() => {})))
    }
  })
}

/** Prepares something in a directory of its own, beside the file and on the same disk; nothing is left of it. */
export async function staged<T>(
  file: string,
  prepare: (path: string) => Promise<void>,
  work: (own: string, name: string) => Promise<T>,
): Promise<T> {
  const name = createNonce()
  const shard = dirname(file)
  const stage = `${file}.${name}.tmp`
  const place = await findShard(shard)
  if (typeof place === 'object') throw new Error(`${place.fault}.`)
  try {
    if (!(await unlessMissing(makeDirectory(stage).then(() => true)))) {
      await mkdir(shard, { recursive: true, mode: 0o700 })
      await makeDirectory(stage)
    }
    await prepare(join(stage, name))
    return await work(join(stage, name), name)
  } finally {
    await discard(stage)
  }
}

async function acquire(stage: string, lock: string): Promise<void> {
  const since = performance.now()
  let holder = { name: '', since }
  while (!(await isLocked(stage, lock))) {
    const [name = ''] = (await unlessMissing(readdir(lock))) ?? []
    const time = performance.now()
    // A name is used once, so the same name all that time is one holder. No clocks of machines are compared.
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
    if (!hasCode(error, 'ENOTDIR')) throw error
    await unlink(lock) // a link or a file has the lock's name: it goes, and what a link points at stays
    return false
  }
}

export async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, 0o700)
}

export async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {}) // a sweep finds what is left
}
