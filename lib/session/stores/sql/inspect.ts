/** What the inspections of both database stores share. */

import type { Finding } from '../abilities'
import { reasonOf } from '../errors'
import { TABLE_NAME, tableStatements } from './table'

export const ok = (text: string): Finding => ({ level: 'ok', text })
export const warning = (text: string): Finding => ({ level: 'warning', text })
export const problem = (text: string): Finding => ({ level: 'problem', text })

export interface FoundTable {
  /** Such as `key text`; empty when there is no table. */
  readonly columns: readonly string[]
  /** Whether an index begins with `expires_at`. */
  readonly hasIndex: boolean
  readonly dialect: 'sqlite' | 'postgres'
  readonly createTable: boolean
}

export function describeTable({ columns, hasIndex, dialect, createTable }: FoundTable): Finding[] {
  const remedy = `To make it, run: ${tableStatements[dialect]}`
  if (columns.length === 0)
    return createTable
      ? [ok(`The table ${TABLE_NAME} does not exist yet; the first session creates it.`)]
      : [problem(`The table ${TABLE_NAME} is missing. ${remedy}`)]
  const time = dialect === 'sqlite' ? 'integer' : 'bigint'
  const wanted = ['key text', 'version text', `expires_at ${time}`, 'record text']
  const missing = wanted.filter((column) => !columns.includes(column))
  if (missing.length > 0)
    return [
      problem(`The table ${TABLE_NAME} is not the table of this store: it lacks: ${missing.join(', ')}.`),
    ]
  return [
    ok(`The table ${TABLE_NAME} exists.`),
    hasIndex
      ? ok('The index on expires_at exists.')
      : warning(`There is no index on expires_at, so sweeping is slow. ${remedy}`),
  ]
}

export function unusable(name: string, cause: unknown): Finding {
  return problem(`${name} cannot be used: ${reasonOf(new Error(name, { cause }))}`)
}
