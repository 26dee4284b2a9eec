import type { CookiePart } from './cookie-parts'

const SHADES = ['opacity-100', 'opacity-70', 'opacity-45', 'opacity-85', 'opacity-55']

/** A bar with the parts of a cookie, drawn to scale, and a table with the same in words. */
export function CookiePicture({ parts }: { parts: readonly CookiePart[] }) {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  let x = 0
  const placed = parts.map((part, index) => {
    const width = (part.bytes / total) * 100
    const shade = SHADES[index % SHADES.length]
    x += width
    return { ...part, x: x - width, width, shade }
  })
  return (
    <figure className="flex flex-col gap-4">
      <svg aria-hidden="true" viewBox="0 0 100 6" preserveAspectRatio="none" className="block h-10 w-full">
        {placed.map(({ name, x, width, shade }) => (
          <rect
            key={name}
            x={x}
            width={Math.max(0, width - 0.3)}
            height="6"
            className={`fill-accent ${shade}`}
          />
        ))}
      </svg>
      <figcaption>
        <table className="w-full text-left text-small">
          <thead className="text-muted">
            <tr>
              <th scope="col" className="py-1.5 pr-4 font-normal">
                Part
              </th>
              <th scope="col" className="py-1.5 pr-4 font-normal">
                Starts with
              </th>
              <th scope="col" className="py-1.5 text-right font-normal">
                Bytes
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line border-line border-y">
            {placed.map(({ name, purpose, start, bytes, shade }) => (
              <tr key={name} className="align-baseline">
                <th scope="row" className="py-2 pr-4 font-medium">
                  <span
                    aria-hidden="true"
                    className={`mr-2 inline-block size-2.5 rounded-sm bg-accent ${shade}`}
                  />
                  {name}
                  <span className="block font-normal text-muted">{purpose}</span>
                </th>
                <td className="py-2 pr-4 font-mono text-muted text-tiny">{bytes > 0 && `${start}…`}</td>
                <td className="py-2 text-right font-mono tabular-nums">{bytes}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </figcaption>
    </figure>
  )
}
