/** What ends the command with one line for a person: what happened, where, and what to do. */
export class CliError extends Error {
  readonly exitCode: number

  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? EXIT.failed
  }
}

/** 128 + the number of the signal, as shells count. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const

export function usageError(message: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage })
}

/** A failed call of the file system in words; any other error as it is. */
export function inWords(error: unknown, doing: string): unknown {
  const remedy = REMEDIES[codeOf(error) ?? '']
  if (remedy === undefined) return error
  // Where it was to go, for a file that was still on its way there.
  const path = (error as NodeJS.ErrnoException).path?.replace(STAGED, '')
  const where = path && !doing.includes(path) ? ` (${path})` : ''
  return new CliError(`${doing}${where}: ${remedy}`, { cause: error })
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** The name of the folder that a new app is written to before its files are moved to their places. */
export const STAGING_PREFIX = '.create-sess-app-'
const STAGED = /\.create-sess-app-\w+\/(?:new|old)\//

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'no permission. Choose a folder that you may write to.',
  EPERM: 'not permitted. Choose a folder that you may write to.',
  EEXIST: 'something that is no folder stands where one is needed. Choose another path, or move it away.',
  EFBIG: 'a file may not be that large here. Raise the limit (ulimit -f) and run the same command again.',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n) and run the same command again.',
  ENOENT: 'there is no such folder any more. Choose another one.',
  EXDEV: 'a part of it is on another disk. Choose another folder.',
  EROFS: 'the disk is read-only. Choose another folder.',
  ENOSPC: 'the disk is full. Free some space and run the same command again.',
  EDQUOT: 'your quota is used up. Free some space and run the same command again.',
  ENOTDIR: 'a file stands where a folder is needed. Choose another path, or move that file away.',
  EISDIR: 'a folder stands where a file is needed. Give it another name.',
  ENAMETOOLONG: 'the path is too long. Choose a shorter one.',
  ELOOP: 'a symbolic link leads back to itself. Choose another path.',
}
