import { lstat, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { inspectAccess, isRecordFile, SHARD, unlessMissing } from './file-trust'
import type { Finding } from './store'

/** The names in a shard: a record, what a crash leaves beside one. */
export const RECORD = /^[0-9a-f]{64}\.session\.json$/
export const LEFTOVER = /^[0-9a-f]{64}\.session\.json\.(?:lock|[\w-]{16}\.tmp)$/

const OTHERS = 0o077

/** What lies in a directory of the file store. */
export interface Survey {
  readonly live: number
  readonly expired: number
  /** Locks and unfinished files, of saves that run right now too. */
  readonly leftovers: number
  /** Names that the store does not use and leaves alone. */
  readonly foreign: number
  /** Under the name of a record, but a link, a pipe, another user's file or far too large: never opened. */
  readonly refused: number
  /** Directories and records that more than their owner can open. */
  readonly exposed: number
}

/** Looks at every file once and changes nothing. A directory that is missing is empty. Times in epoch milliseconds. */
export async function surveyDirectory(directory: string, at: number): Promise<Survey> {
  const survey = { live: 0, expired: 0, leftovers: 0, foreign: 0, refused: 0, exposed: 0 }
  if (isExposed(await unlessMissing(stat(directory)))) survey.exposed++
  for (const shard of await namesIn(directory)) {
    const path = join(directory, shard)
    const found = await statOf(path)
    if (!SHARD.test(shard) || !found?.isDirectory()) {
      if (found) survey.foreign++
      continue
    }
    if (isExposed(found)) survey.exposed++
    for (const name of await namesIn(path)) {
      if (LEFTOVER.test(name)) survey.leftovers++
      else if (!RECORD.test(name)) survey.foreign++
      else {
        const record = await statOf(join(path, name))
        if (!record) continue // removed meanwhile
        if (!isRecordFile(record)) {
          survey.refused++
          continue
        }
        survey[Math.round(record.mtimeMs) > at ? 'live' : 'expired']++
        if (isExposed(record)) survey.exposed++
      }
    }
  }
  return survey
}

/** What an operator should know about a directory of the file store. */
export async function inspectDirectory(directory: string, at: number): Promise<Finding[]> {
  const path = resolve(directory)
  const found = await unlessMissing(stat(path))
  if (!found) return [{ level: 'ok', text: `${path} is not there yet; the first save makes it.` }]
  if (!found.isDirectory()) return [{ level: 'problem', text: `${path} is no directory.` }]
  const { live, expired, leftovers, foreign, refused, exposed } = await surveyDirectory(path, at)
  const findings: Finding[] = [{ level: 'ok', text: `${path}: ${live} live, ${expired} expired.` }]
  findings.push(...(await inspectAccess(path)))
  if (exposed > 0) {
    const remedy = `Close it with: chmod -R go= '${path}'`
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
      text: `Under the names of sessions, and never opened: ${refused} links, pipes or files of another user. Find them with: find '${path}' -name '*.session.json' ! -type f -o -name '*.session.json' ! -user "$(id -un)"`,
    })
  if (leftovers > 0) {
    const origin = 'of saves that run right now, or left by a crash; a sweep removes the old'
    findings.push({ level: 'ok', text: `Locks and unfinished files: ${leftovers}, ${origin}.` })
  }
  return findings
}

function isExposed(found: { readonly mode: number } | undefined): boolean {
  return found !== undefined && (found.mode & OTHERS) !== 0
}

/** Undefined when there is nothing (any more): sessions come and go while we look. */
const statOf = (path: string) => unlessMissing(lstat(path))
const namesIn = async (path: string) => (await unlessMissing(readdir(path))) ?? []
