const COLUMNS = ['Store', 'Kept in', 'Two saves at once', 'A stolen cookie']

const STORES = [
  { name: 'cookie', cells: ['the browser', 'the last one wins', 'works until it expires'] },
  { name: 'file', cells: ['files', 'both are kept', 'you can end it'] },
  { name: 'database', cells: ['SQLite, PostgreSQL', 'both are kept', 'you can end it'] },
  { name: 'redis', cells: ['Redis, Valkey', 'both are kept', 'you can end it'] },
  { name: 'memcached', cells: ['memcached', 'both are kept', 'you can end it'] },
]

/** Compares the stores. The one in use is marked. */
export function StoreTable({ now }: { now: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users need to reach what scrolls
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
