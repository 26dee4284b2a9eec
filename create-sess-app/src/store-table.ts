import { STORES, type StoreId } from './stores'

/** `stores/installed.ts` with the lines of the stores that an app has; the store for development stays. */
export function withStores(table: string, stores: readonly StoreId[]): string {
  return withLinesWhere(table, (kind) => stores.includes(kind) || !STORES.some(({ id }) => id === kind))
}

/** A table of stores with the lines of only those that pass; all other text stays. */
export function withLinesWhere(table: string, isWanted: (kind: string) => boolean): string {
  return table
    .split('\n')
    .filter((line) => {
      const kind = kindIn(line)
      return kind === undefined || isWanted(kind)
    })
    .join('\n')
}

/** An edited table of stores, with the lines of another that it lacks at its end. */
export function withLinesOf(table: string, other: string): string {
  const present = new Set(table.split('\n').map(kindIn))
  const lacking = other.split('\n').filter((line) => kindIn(line) && !present.has(kindIn(line)))
  if (lacking.length === 0) return table
  return `${table.replace(/\n*$/, '\n')}${lacking.join('\n')}\n`
}

/** Which store a line is for: `export { about as redis } from './redis/about'`, in any style of quotes and spaces. */
function kindIn(line: string): string | undefined {
  return /^\s*export\s*\{\s*about\s+as\s+(\w+)\s*,?\s*\}/.exec(line)?.[1]
}
