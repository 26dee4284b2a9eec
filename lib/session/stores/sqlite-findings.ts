/** What `inspect` of the SQLite store answers. It changes nothing: the table is not made for it. */
import { accessSync, constants, statSync } from 'node:fs'
import type Database from 'better-sqlite3'
import type { Finding } from '../store'
import { TABLE_NAME } from './schema'
import { describeTable } from './schema-findings'

export function inspectSqlite(client: Database.Database, createTable: boolean): Finding[] {
  return [...inspectFile(client), ...inspectTable(client, createTable)]
}

function inspectFile(client: Database.Database): Finding[] {
  const { mode } = statSync(client.name)
  accessSync(client.name, constants.R_OK | constants.W_OK)
  const rights = (mode & 0o777).toString(8).padStart(4, '0')
  const version = client.prepare('select sqlite_version()').pluck().get()
  const journal = client.pragma('journal_mode', { simple: true })
  return [
    { level: 'ok', text: `SQLite ${version} reads and writes ${client.name}.` },
    (mode & 0o077) === 0
      ? { level: 'ok', text: `Only its owner can read it (${rights}).` }
      : {
          level: 'warning',
          text: `Others than its owner can open it (${rights}); run: chmod 600 '${client.name}'`,
        },
    journal === 'wal'
      ? { level: 'ok', text: 'Its journal mode is WAL.' }
      : {
          level: 'warning',
          text: `Its journal mode is ${journal}, not wal: is it on a network file system?`,
        },
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
