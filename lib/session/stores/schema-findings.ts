/** What `inspect` of the database stores answers. It changes nothing: the table is not made for it. */
import { accessSync, constants, statSync } from 'node:fs'
import type Database from 'better-sqlite3'
import type { Pool } from 'pg'
import { reasonOf } from '../errors'
import type { Finding } from '../store'
import { TABLE_NAME } from './schema'

const LARGEST_SKEW_MS = 5000

export function inspectSqlite(client: Database.Database, createTable: boolean): Finding[] {
  return [...inspectFile(client), ...inspectTable(client, createTable)]
}

export async function inspectPostgres(
  pool: Pool,
  createTable: boolean,
  now: () => number,
): Promise<Finding[]> {
  const { rows } = await pool.query(
    `select current_setting('server_version') as version,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as "serverMs",
      array(select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = to_regclass($1) and attnum > 0 and not attisdropped) as columns,
      exists(select from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
        where indrelid = to_regclass($1) and attname = 'expires_at') as "hasIndex",
      array(select wanted from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as wanted
        where not has_table_privilege(to_regclass($1), wanted)) as denied,
      coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as "canCreate",
      quote_ident(current_user) as role`,
    [TABLE_NAME],
  )
  const [{ version, serverMs, columns, hasIndex, denied, canCreate, role }] = rows
  const skewMs = Math.round(Math.abs(serverMs - now()))
  const rights =
    columns.length === 0 && createTable && !canCreate
      ? 'It may not make the table; run the migrations in drizzle/postgres as a role that may.'
      : denied.length > 0 && lacking(denied, role)
  return [
    { level: 'ok', text: `PostgreSQL ${version} answers.` },
    ...describeTable({ columns, hasIndex, dialect: 'postgres', createTable }),
    rights
      ? { level: 'problem', text: rights }
      : { level: 'ok', text: 'This role has the rights that sessions need.' },
    skewMs <= LARGEST_SKEW_MS
      ? { level: 'ok', text: `Its clock and this machine's differ by ${skewMs} ms.` }
      : {
          level: 'warning',
          text: `Its clock and this machine's differ by ${skewMs} ms; one of them is wrong.`,
        },
  ]
}

function lacking(rights: readonly string[], role: string): string {
  const list = rights.join(', ')
  return `This role lacks rights on the table: ${list}. As its owner run: grant ${list} on ${TABLE_NAME} to ${role}`
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

/** What an operator should know about the table. `columns` such as `key text`; none when there is no table. */
function describeTable(found: {
  readonly columns: readonly string[]
  readonly hasIndex: boolean
  readonly dialect: 'sqlite' | 'postgres'
  readonly createTable: boolean
}): Finding[] {
  const migrations = `run the migrations in drizzle/${found.dialect} (npm run db:migrate)`
  if (found.columns.length === 0) {
    return found.createTable
      ? [{ level: 'ok', text: `The table ${TABLE_NAME} is not there yet; the first session makes it.` }]
      : [{ level: 'problem', text: `The table ${TABLE_NAME} is missing: ${migrations}.` }]
  }
  const expiry = found.dialect === 'sqlite' ? 'expires_at integer' : 'expires_at bigint'
  const wanted = ['key text', 'version text', expiry, 'record text']
  const missing = wanted.filter((column) => !found.columns.includes(column))
  if (missing.length > 0) {
    const text = `The table ${TABLE_NAME} is not that of this store; it lacks: ${missing.join(', ')}.`
    return [{ level: 'problem', text }]
  }
  const index: Finding = found.hasIndex
    ? { level: 'ok', text: 'The index on expires_at is there.' }
    : { level: 'warning', text: `There is no index on expires_at, so sweeping is slow: ${migrations}.` }
  return [{ level: 'ok', text: `The table ${TABLE_NAME} is there.` }, index]
}

export function unusable(name: string, cause: unknown): Finding {
  return { level: 'problem', text: `${name} cannot be used: ${reasonOf(new Error(name, { cause }))}` }
}
