/** What `inspect` of the PostgreSQL store answers. It changes nothing: the table is not made for it. */
import type { Pool } from 'pg'
import type { Finding } from '../../core/store'
import { describeTable } from '../sql/inspect'
import { TABLE_NAME, tableStatements } from '../sql/table'

const LARGEST_SKEW_MS = 5000

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
      ? `This role may not make the table. As one that may, run: ${tableStatements.postgres}`
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
