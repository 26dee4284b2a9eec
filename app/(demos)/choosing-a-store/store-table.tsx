const COLUMNS = ['Store', 'Lives in', 'Two saves at once', 'A stolen copy']

const STORES = [
  { name: 'cookie', cells: ['the browser', 'the last wins', 'lives on'] },
  { name: 'file', cells: ['a directory', 'merged', 'can be ended'] },
  { name: 'database', cells: ['SQLite, PostgreSQL', 'merged', 'can be ended'] },
  { name: 'redis', cells: ['Redis, Valkey', 'merged', 'can be ended'] },
  { name: 'memcached', cells: ['memcached', 'merged', 'can be ended'] },
]

/** What each store means for visitors; the one in use is marked. */
export function StoreTable({ now }: { now: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section aria-label="Stores compared" tabIndex={0} className="overflow-x-auto">
      <table className="w-full border-collapse text-left text-small">
        <thead>
          <tr className="border-edge border-b">
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className="u-label py-2 pr-2 align-bottom first:pl-2 sm:pr-3">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {STORES.map(({ name, cells }) => (
            <tr
              key={name}
              aria-current={name === now ? 'true' : undefined}
              className="border-line border-b aria-[current]:bg-accent-soft"
            >
              <th scope="row" className="py-2 pr-2 pl-2 font-medium font-mono">
                {name}
                {name === now && <span className="sr-only"> (in use)</span>}
              </th>
              {cells.map((cell, index) => (
                <td key={COLUMNS[index + 1]} className="py-2 pr-2 sm:pr-3">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
