import { STORES, type StoreId } from './stores'

/** `stores/installed.ts` with the lines of the stores that an app has; the store for tests always stays. */
export function withStores(table: string, stores: readonly StoreId[]): string {
  return table
    .split('\n')
    .filter((line) => {
      const kind = kindIn(line)
      return kind === undefined || !STORES.some(({ id }) => id === kind) || stores.some((id) => id === kind)
    })
    .join('\n')
}

/** An edited table of stores with the lines of another that it lacks. Undefined: it has no place for them. */
export function withLinesOf(table: string, other: string): string | undefined {
  const lacking = linesOf(other).filter(
    (line) => !new RegExp(`\\b${kindIn(line)}\\b['"]?\\s*:\\s*\\(`).test(table),
  )
  if (lacking.length === 0) return table
  return /^\}/m.test(table) ? table.replace(/^\}/m, [...lacking, '}'].join('\n')) : undefined
}

/** A line for each store. */
export function linesOf(table: string): string[] {
  return table.split('\n').filter((line) => kindIn(line) !== undefined)
}

/** Which store a line of the table is for. */
function kindIn(line: string): string | undefined {
  return /^ {2}(\w+): \(\) => import\(/.exec(line)?.[1]
}
