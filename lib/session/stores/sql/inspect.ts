/** What the database stores have in common when they are asked what an operator should know. */
import { reasonOf } from '../../core/errors'
import type { Finding } from '../../core/store'
import { TABLE_NAME, tableStatements } from './table'

/** What an operator should know about the table. `columns` such as `key text`; none when there is no table. */
export function describeTable(found: {
  readonly columns: readonly string[]
  readonly hasIndex: boolean
  readonly dialect: 'sqlite' | 'postgres'
  readonly createTable: boolean
}): Finding[] {
  const remedy = `To make it, run: ${tableStatements[found.dialect]}`
  if (found.columns.length === 0) {
    return found.createTable
      ? [{ level: 'ok', text: `The table ${TABLE_NAME} is not there yet; the first session makes it.` }]
      : [{ level: 'problem', text: `The table ${TABLE_NAME} is missing. ${remedy}` }]
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
    : { level: 'warning', text: `There is no index on expires_at, so sweeping is slow. ${remedy}` }
  return [{ level: 'ok', text: `The table ${TABLE_NAME} is there.` }, index]
}

export function unusable(name: string, cause: unknown): Finding {
  return { level: 'problem', text: `${name} cannot be used: ${reasonOf(new Error(name, { cause }))}` }
}
