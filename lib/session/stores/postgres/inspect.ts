/** Inspects the PostgreSQL database. It changes nothing, and does not create the table. */
import type { Pool } from 'pg'
import type { Finding } from '../abilities'
import { describeTable, ok, problem, warning } from '../sql/inspect'
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
  const skew = `Its clock and this machine's differ by ${skewMs} ms`
  return [
    ok(`PostgreSQL ${version} answers.`),
    ...describeTable({ columns, hasIndex, dialect: 'postgres', createTable }),
    columns.length === 0 && createTable && !canCreate
      ? problem(`This role may not create the table. As a role that may, run: ${tableStatements.postgres}`)
      : describeRights(denied, role),
    skewMs <= LARGEST_SKEW_MS ? ok(`${skew}.`) : warning(`${skew}; one of them is wrong.`),
  ]
}

function describeRights(denied: readonly string[], role: string): Finding {
  if (denied.length === 0) return ok('This role has the rights that sessions need.')
  const list = denied.join(', ')
  return problem(
    `This role lacks rights on the table: ${list}. As its owner run: grant ${list} on ${TABLE_NAME} to ${role}`,
  )
}
