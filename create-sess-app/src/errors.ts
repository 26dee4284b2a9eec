/** Ends the command with one line that says what happened, where, and what to do. */
export class CliError extends Error {
  readonly exitCode: number

  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? EXIT.failed
  }
}

/** For signals, 128 plus the signal's number, as in shells. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const

export function usageError(message: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage })
}

/** Describes a failed call of the file system. Returns any other error unchanged. */
export function inWords(error: unknown, doing: string): unknown {
  const remedy = REMEDIES[codeOf(error) ?? '']
  if (remedy === undefined) return error
  // For a file in the temporary folder, the place it was written for.
  const path = (error as NodeJS.ErrnoException).path?.replace(STAGED, '')
  const where = path && !doing.includes(path) ? ` (${path})` : ''
  return new CliError(`${doing}${where}: ${remedy}`, { cause: error })
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** The temporary folder for the files of a new app, before they are moved to their places. */
export const STAGING_PREFIX = '.create-sess-app-'
const STAGED = /\.create-sess-app-\w+\/(?:new|old)\//

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'no permission. Choose a folder that you may write to.',
  EPERM: 'not permitted. Choose a folder that you may write to.',
  EEXIST: 'a file is where a folder is needed. Choose another path, or move the file away.',
  EFBIG: 'a file may not be this large here. Raise the limit (ulimit -f) and run the same command again.',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n) and run the same command again.',
  ENOENT: 'the folder no longer exists. Choose another one.',
  EXDEV: 'a part of it is on another disk. Choose another folder.',
  EROFS: 'the disk is read-only. Choose another folder.',
  ENOSPC: 'the disk is full. Free some space and run the same command again.',
  EDQUOT: 'your quota is used up. Free some space and run the same command again.',
  ENOTDIR: 'a file is where a folder is needed. Choose another path, or move the file away.',
  EISDIR: 'a folder is where a file is needed. Rename the folder.',
  ENAMETOOLONG: 'the path is too long. Choose a shorter one.',
  ELOOP: 'a symbolic link leads back to itself. Choose another path.',
}
