/** Inspects the SQLite file and its table. It changes nothing, and does not create the table. */
import { accessSync, constants, lstatSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import type { Finding } from '../abilities'
import { EVERYONE_WRITES, OTHERS_ACCESS, OTHERS_ENTER, OTHERS_WRITE, octal } from '../disk/rights'
import { describeTable, ok, problem, warning } from '../sql/inspect'
import { TABLE_NAME } from '../sql/table'

export function inspectSqlite(client: Database.Database, createTable: boolean): Finding[] {
  return [...inspectFile(client), ...inspectRights(client.name), ...inspectTable(client, createTable)]
}

const STICKY = 0o1000

/** Who else can change the file, or put a log beside it, which SQLite would trust. Changes nothing. */
export function inspectRights(path: string): Finding[] {
  const findings: Finding[] = []
  const file = realpathSync(path) // SQLite follows a link to the file, and keeps its log beside the target
  const directory = dirname(file)
  const user = process.getuid?.()
  const rights = statSync(directory)
  if ((rights.mode & OTHERS_WRITE) !== 0) {
    const isOpen = (rights.mode & EVERYONE_WRITES) !== 0 && (rights.mode & STICKY) === 0
    const text = `${directory} has mode ${octal(rights)}: others can put their own sessions there. Run: chmod 700 '${directory}'`
    findings.push(isOpen ? problem(text) : warning(text))
  }
  for (const name of [file, `${file}-wal`, `${file}-shm`, `${file}-journal`]) {
    const found = lstatSync(name, { throwIfNoEntry: false })
    if (!found) continue
    if (!found.isFile()) {
      findings.push(problem(`${name} is not a regular file, and SQLite does not open it. Remove it.`))
      continue
    }
    if (user !== undefined && found.uid !== user && found.uid !== 0)
      findings.push(
        warning(
          `${name} belongs to user ${found.uid}, who can change sessions; this is user ${user}. Run: chown ${user} '${name}'`,
        ),
      )
    if ((found.mode & OTHERS_WRITE) !== 0 && (rights.mode & OTHERS_ENTER) !== 0)
      findings.push(
        problem(`${name} has mode ${octal(found)}: others can change sessions. Run: chmod 600 '${name}'`),
      )
  }
  return findings
}

function inspectFile(client: Database.Database): Finding[] {
  const found = statSync(client.name)
  accessSync(client.name, constants.R_OK | constants.W_OK)
  const version = client.prepare('select sqlite_version()').pluck().get()
  const journal = client.pragma('journal_mode', { simple: true })
  return [
    ok(`SQLite ${version} reads and writes ${client.name}.`),
    (found.mode & OTHERS_ACCESS) === 0
      ? ok(`Only its owner can read it (${octal(found)}).`)
      : warning(`Users other than its owner can open it (${octal(found)}); run: chmod 600 '${client.name}'`),
    journal === 'wal'
      ? ok('Its journal mode is WAL.')
      : warning(`Its journal mode is ${journal}, not wal: is it on a network file system?`),
  ]
}

function inspectTable(client: Database.Database, createTable: boolean): Finding[] {
  const columns = client
    .prepare<[string], string>("select name || ' ' || lower(type) from pragma_table_info(?)")
    .pluck()
    .all(TABLE_NAME)
  const index = client
    .prepare<[string]>(
      `select 1 from pragma_index_list(?) as list, pragma_index_info(list.name) as info
        where info.seqno = 0 and info.name = 'expires_at'`,
    )
    .get(TABLE_NAME)
  return describeTable({ columns, hasIndex: index !== undefined, dialect: 'sqlite', createTable })
}
