/**
 * What the file store opens, and who can change what lies in its directory. Nothing here follows a link or waits: a
 * pipe under the name of a record would otherwise keep a thread for ever, and after four of them every read.
 */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Finding } from '../abilities'
import { EVERYONE_WRITES, OTHERS_ACCESS, OTHERS_ENTER, OTHERS_WRITE, octal } from '../disk/rights'

/** The name of a shard: what the directory of the file store holds. */
export const SHARD = /^[0-9a-f]{2}$/

/** The memory that reading one record costs at most: far more than a session may have. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024

const GROUP_WRITES = 0o020
const EXAMPLES = 3

/** Whether this process's user made it. Root counts as that user, since it can do everything as any of them. */
function isOfThisUser({ uid }: Stats): boolean {
  const user = process.getuid?.() // undefined on Windows, which knows no owners
  return user === undefined || uid === user || uid === 0
}

/** Whether a file can be a record: a plain file of this user, not a link, a pipe, a device or a directory. */
export function isRecordFile(found: Stats): boolean {
  return found.isFile() && isOfThisUser(found) && found.size <= MAX_RECORD_BYTES
}

/**
 * Opens a record for reading. Undefined: there is none. `refused`: what lies there, or its shard, is not of this store.
 * @throws when a record of this user cannot be opened
 */
export async function openRecord(
  file: string,
): Promise<{ handle: FileHandle; found: Stats } | 'refused' | undefined> {
  const shard = await findShard(dirname(file))
  if (shard !== 'ours') return shard === 'missing' ? undefined : 'refused'
  return openPlain(file)
}

/** The same for a file whose directory needs no look. */
export async function openPlain(
  file: string,
): Promise<{ handle: FileHandle; found: Stats } | 'refused' | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const found = await handle.stat().catch(() => undefined)
    if (found && isRecordFile(found)) return { handle, found }
    await handle.close()
    return 'refused'
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined // also where another process makes it just now
    const found = await unlessMissing(lstat(file))
    if (!found) return undefined
    if (!isRecordFile(found)) return 'refused' // a link, a socket, or another user's file that is closed to us
    throw error
  }
}

/** @throws when a directory belongs to another user; not when it is missing */
export async function checkOwner(directory: string): Promise<void> {
  const found = await unlessMissing(stat(directory))
  if (!found || isOfThisUser(found)) return
  throw new Error(
    `${directory} belongs to user ${found.uid}, and this is user ${process.getuid?.()}. Run this as that user.`,
  )
}

/** Makes a new or removed name survive a power failure, where the file system can. */
export async function flush(directory: string): Promise<void> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
  const handle = await open(directory, flags).catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** Whether records may lie in a shard: `ours`, `missing`, or what is wrong with it in words. */
export async function findShard(path: string): Promise<'ours' | 'missing' | { readonly fault: string }> {
  const found = await unlessMissing(lstat(path))
  if (!found) return 'missing'
  const fault = faultOf(found)
  return fault === undefined ? 'ours' : { fault: `${path} ${fault}` }
}

function faultOf(found: Stats): string | undefined {
  if (found.isSymbolicLink())
    return 'is a symbolic link. The file store follows none: remove it, or put its target in its place'
  if (!found.isDirectory()) return 'is not a directory, and has the name of one of the file store: remove it'
  return isOfThisUser(found)
    ? undefined
    : `belongs to user ${found.uid}, and this is user ${process.getuid?.()}`
}

/**
 * Who else can put sessions into a directory of the file store, or read them: looks at the directory and its shards.
 * A `problem`: others can, or the store cannot use it. Empty when there is no such directory.
 */
export async function inspectAccess(directory: string): Promise<Finding[]> {
  const path = resolve(directory)
  const found = await unlessMissing(stat(path)) // the directory itself may be a link: the operator named it
  if (!found?.isDirectory()) return []
  const findings: Finding[] = []
  const user = process.getuid?.()
  // A mounted volume is often root's and of a group that the server is in; without it the start finds it cannot write.
  const isVolume = found.uid === 0 && (found.mode & GROUP_WRITES) !== 0
  if (user !== undefined && found.uid !== user && !isVolume)
    findings.push({
      level: 'problem',
      text:
        `${path} belongs to user ${found.uid} and this is user ${user}. Run this as that user: what another one ` +
        `makes there can be closed to the server. Or give it to this user: chown -R ${user} '${path}'`,
    })
  if ((found.mode & OTHERS_WRITE) !== 0)
    findings.push({
      level: levelOf(found),
      text: `${path} has mode ${octal(found)}: group or others can put sessions there. Run: chmod 700 '${path}'`,
    })
  else if ((found.mode & OTHERS_ACCESS) !== 0)
    findings.push({
      level: 'warning',
      text: `${path} has mode ${octal(found)}: group or others can look into it. Run: chmod 700 '${path}'`,
    })
  const epoch = await unlessMissing(lstat(join(path, 'epoch')))
  if (epoch && !isRecordFile(epoch))
    findings.push({
      level: 'problem',
      text: `${join(path, 'epoch')} is no file of this user: no session opens. Remove it, then end all sessions: sessions from before an earlier destroyAll may open again`,
    })
  return [...findings, ...(await inspectShards(path, (found.mode & OTHERS_ENTER) !== 0))]
}

/** A group is often the operator's own doing: Kubernetes gives a volume to the one of `fsGroup` at each start. */
function levelOf({ mode }: Stats): Finding['level'] {
  return (mode & EVERYONE_WRITES) === 0 ? 'warning' : 'problem'
}

async function inspectShards(directory: string, isOpen: boolean): Promise<Finding[]> {
  const faults: Finding[] = []
  const writable: string[] = []
  let level: Finding['level'] = 'warning' // no other user reaches a shard of a closed directory
  for (const name of (await readdir(directory)).filter((name) => SHARD.test(name)).sort()) {
    const shard = join(directory, name)
    const found = await unlessMissing(lstat(shard))
    if (!found) continue
    const fault = faultOf(found)
    if (fault !== undefined) {
      // A plain file only has its name from us. A link or another user's directory was put there to be used.
      const level = found.isFile() ? 'warning' : 'problem'
      faults.push({ level, text: `${shard} ${fault}. No session is kept there.` })
    }
    if (fault !== undefined || (found.mode & OTHERS_WRITE) === 0) continue
    writable.push(`'${shard}' (mode ${octal(found)})`)
    if (isOpen && levelOf(found) === 'problem') level = 'problem'
  }
  const findings = faults.slice(0, EXAMPLES)
  if (faults.length > EXAMPLES)
    findings.push({
      level: 'problem',
      text: `${faults.length - EXAMPLES} more directories in ${directory} are not of the file store.`,
    })
  if (writable.length > 0)
    findings.push({
      level,
      text:
        `Group or others can put sessions into ${writable.slice(0, EXAMPLES).join(', ')}` +
        `${writable.length > EXAMPLES ? ` and ${writable.length - EXAMPLES} more` : ''}. ` +
        `Run: chmod -R go= '${directory}'`,
    })
  return findings
}

export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
