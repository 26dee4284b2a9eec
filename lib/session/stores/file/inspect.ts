import { lstat, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Finding } from '../abilities'
import { OTHERS_ACCESS, octal } from '../disk/rights'
import { inspectAccess, isRecordFile, SHARD, unlessMissing } from './trust'

/** The epoch, and what a crash leaves of one. */
const EPOCH = /^epoch(?:\.[\w-]{16}\.tmp)?$/

/** The names in a shard: a record, what a crash leaves beside one. */
export const RECORD = /^[0-9a-f]{64}\.session\.json$/
export const LEFTOVER = /^[0-9a-f]{64}\.session\.json\.(?:lock|[\w-]{16}\.tmp)$/

/** What lies in a directory of the file store. */
export interface Contents {
  readonly live: number
  readonly expired: number
  /** Locks and unfinished files, of saves that run right now too. */
  readonly leftovers: number
  /** Names that the store does not use and leaves alone. */
  readonly foreign: number
  /** Under the name of a record, but a link, a pipe, another user's file, or a text of another app: never opened. */
  readonly refused: number
  /** Directories and records that more than their owner can open. */
  readonly exposed: number
}

/** What is under the name of a session; undefined when it has gone. */
export type KindOf = (name: string) => Promise<'live' | 'expired' | 'mark' | 'refused' | undefined>

/** Looks at every file once and changes nothing. A directory that is missing is empty. */
export async function inspectFiles(directory: string, kindOf: KindOf): Promise<Contents> {
  const contents = { live: 0, expired: 0, leftovers: 0, foreign: 0, refused: 0, exposed: 0 }
  if (isExposed(await unlessMissing(stat(directory)))) contents.exposed++
  for (const shard of await namesIn(directory)) {
    const path = join(directory, shard)
    const found = await statOf(path)
    if (!SHARD.test(shard) || !found?.isDirectory()) {
      if (found && !EPOCH.test(shard)) contents.foreign++
      continue
    }
    if (isExposed(found)) contents.exposed++
    for (const name of await namesIn(path)) {
      if (LEFTOVER.test(name)) contents.leftovers++
      else if (!RECORD.test(name)) contents.foreign++
      else {
        const record = await statOf(join(path, name))
        if (!record) continue // removed meanwhile
        const kind = isRecordFile(record) ? await kindOf(name.slice(0, name.indexOf('.'))) : 'refused'
        if (kind !== undefined && kind !== 'mark') contents[kind]++
        if (kind === 'refused' && !isRecordFile(record)) continue
        if (isExposed(record)) contents.exposed++
      }
    }
  }
  return contents
}

/** What an operator should know about a directory of the file store. */
export async function inspectDirectory(directory: string, kindOf: KindOf): Promise<Finding[]> {
  const path = resolve(directory)
  const found = await unlessMissing(stat(path))
  if (!found) return [{ level: 'ok', text: `${path} is not there yet; the first save makes it.` }]
  if (!found.isDirectory()) return [{ level: 'problem', text: `${path} is no directory.` }]
  const { live, expired, leftovers, foreign, refused, exposed } = await inspectFiles(path, kindOf)
  const findings: Finding[] = [{ level: 'ok', text: `${path}: ${live} live, ${expired} expired.` }]
  const access = await inspectAccess(path)
  findings.push(...access.filter(({ level }) => level === 'problem'))
  if (exposed > 0) {
    const remedy = `${path} has mode ${octal(found)}. Close it with: chmod -R go= '${path}'`
    findings.push({
      level: 'warning',
      text: `Group or others have access to ${exposed} of its files and directories. ${remedy}`,
    })
  }
  if (foreign > 0)
    findings.push({
      level: 'warning',
      text: `Not of this store, and left alone: ${foreign} files or directories.`,
    })
  if (refused > 0)
    findings.push({
      level: 'warning',
      text:
        `Under the names of sessions, and never opened: ${refused} files. They are links, pipes, of another user, or ` +
        `were not written by this app with a secret that it has. The first kinds: find '${path}' ` +
        `-name '*.session.json' \\( ! -type f -o ! -user "$(id -un)" \\)`,
    })
  if (leftovers > 0) {
    const origin = 'of saves that run right now, or left by a crash; a sweep removes the old'
    findings.push({ level: 'ok', text: `Locks and unfinished files: ${leftovers}, ${origin}.` })
  }
  return findings
}

function isExposed(found: { readonly mode: number } | undefined): boolean {
  return found !== undefined && (found.mode & OTHERS_ACCESS) !== 0
}

/** Undefined when there is nothing (any more): sessions come and go while we look. */
const statOf = (path: string) => unlessMissing(lstat(path))
const namesIn = async (path: string) => (await unlessMissing(readdir(path))) ?? []
