/** Opens the file of the SQLite store, and opens it again when it was deleted or replaced. */
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'

const LONGEST_PAUSE_MS = 20

export interface SqliteConnection {
  /**
   * The connection to use now. When it is another one than before, changes made through that one may be lost.
   * @throws {Database.SqliteError} when the file cannot be opened
   */
  current(): Database.Database
  close(): void
}

/**
 * Opens a SQLite file, and creates it and its directory when they are missing. Rejects with the reason when it cannot.
 *
 * Each use checks with two calls of `stat` that the file and its log (`-wal`) are still the same. Without the check, a
 * server would keep using a deleted file and lose what it saves. The log disappears when any code in this process opens
 * and closes the file, such as a development server that watches the folder: POSIX then drops all locks that SQLite
 * holds, so the next process that closes the file believes that it is the last one and deletes the log.
 */
export async function followSqlite(
  file: string,
  { timeoutMs, warn }: { readonly timeoutMs: number; readonly warn: (message: string) => void },
): Promise<SqliteConnection> {
  const path = resolve(file)
  let client: Database.Database | undefined
  let opened: Identity = { file: undefined, log: undefined }

  function open(): Database.Database {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    createFile(path)
    const next = new Database(path, { timeout: 0 }) // SQLite's own waiting would stop the whole process
    try {
      next.pragma('journal_mode = WAL')
      next.pragma('synchronous = FULL')
    } catch (error) {
      next.close()
      throw error
    }
    opened = identityOf(path)
    return next
  }

  function current(): Database.Database {
    if (client?.inTransaction) return client
    const found = identityOf(path)
    const isSame = found.file === opened.file && (found.log === opened.log || opened.log === undefined)
    if (client && isSame) {
      opened = found // SQLite makes the log when it first needs it
      return client
    }
    client?.close() // before the next one opens: the connections of a process to one file share its locks and its log
    if (client) warn(whatHappened(path, found, opened))
    client = undefined
    client = open()
    return client
  }

  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  await access(dirname(path), constants.W_OK) // SQLite creates two more files there, with the mode of the first
  await untilFree(timeoutMs, current)
  return { current, close: () => client?.close() }
}

/**
 * Runs work again while another connection holds the lock, and lets other requests run between two attempts. A statement
 * that found the file locked has changed nothing. No attempt begins after `timeoutMs`: the caller has given up by then.
 */
export async function untilFree<T>(timeoutMs: number, work: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + timeoutMs
  for (let attempts = 1; ; attempts++) {
    try {
      return await work()
    } catch (error) {
      const pauseMs = Math.random() * Math.min(2 ** attempts, LONGEST_PAUSE_MS)
      const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
      if (!isBusy || performance.now() + pauseMs >= end) throw error
      await pause(pauseMs)
    }
  }
}

/** Device and inode of the file and of its log; undefined where there is none. */
interface Identity {
  readonly file: string | undefined
  readonly log: string | undefined
}

function identityOf(path: string): Identity {
  const of = (name: string) => {
    const found = statSync(name, { throwIfNoEntry: false })
    return found && `${found.dev} ${found.ino}`
  }
  return { file: of(path), log: of(`${path}-wal`) }
}

function whatHappened(path: string, found: Identity, opened: Identity): string {
  if (found.file === undefined)
    return `The SQLite file ${path} was deleted under the server. The server created it again, empty: the sessions in it are gone. Stop the server before you delete its file.`
  if (found.file !== opened.file)
    return `The SQLite file ${path} was replaced under the server. The server opened the new one: sessions that were only in the old one are gone. Stop the server before you replace its file.`
  return (
    `Another process deleted the log ${path}-wal under the server: something in this process opens and closes the ` +
    'file, and SQLite loses its locks. The server opened the file again, with all sessions. A development server opens ' +
    'files that git does not ignore: add the directory of the file to .gitignore.'
  )
}

/** Does not even open a file that exists: closing it would drop the locks of other SQLite connections of this process. */
function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
