import type { TabReport } from './tabs-run'

interface Moment {
  tab: string
  /** Milliseconds since the first of the two requests began. */
  at: number
  ms: number
  text: string
}

/** Two requests on one scale of time, and the same as a list in the order in which it happened. */
export function TimeLine({ reports }: { reports: readonly TabReport[] }) {
  const zero = Math.min(...reports.map(({ begin }) => begin))
  const scale = 100 / Math.max(1, ...reports.map(({ end }) => end - zero))
  const moments = reports.flatMap((report) => momentsOf(report, zero)).sort((a, b) => a.at - b.at)
  return (
    <figure aria-label="Time line of the two requests" className="flex flex-col gap-4">
      <svg
        aria-hidden="true"
        viewBox={`0 0 100 ${reports.length * 8}`}
        preserveAspectRatio="none"
        className="block h-16 w-full"
      >
        {reports.map(({ tab, begin, end }, row) => (
          <g key={tab}>
            <rect
              x={(begin - zero) * scale}
              y={row * 8 + 3}
              width={(end - begin) * scale}
              height="1"
              className="fill-edge"
            />
            {moments
              .filter((moment) => moment.tab === tab)
              .map(({ at, ms, text }) => (
                <rect
                  key={`${at} ${text}`}
                  x={at * scale}
                  y={row * 8 + 1}
                  width={Math.max(0.8, ms * scale)}
                  height="5"
                  className="fill-accent"
                />
              ))}
          </g>
        ))}
      </svg>
      <figcaption>
        <ol className="divide-y divide-line border-line border-y font-mono text-tiny">
          {moments.map(({ tab, at, text }) => (
            <li key={`${tab} ${at} ${text}`} className="grid grid-cols-[5.5rem_3.5rem_minmax(0,1fr)] py-1.5">
              <span className="text-muted tabular-nums">{at.toFixed(1)} ms</span>
              <span>{tab}</span>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </figcaption>
    </figure>
  )
}

function momentsOf({ tab, begin, end, outcome, exchange }: TabReport, zero: number): Moment[] {
  const start = begin - zero
  const steps = (exchange?.steps ?? []).map(({ call, answer, after, ms }) => ({
    tab,
    at: exchange ? exchange.begin + after - zero : start,
    ms,
    text: `${call} → ${answer}`,
  }))
  return [
    { tab, at: start, ms: 0, text: 'begins' },
    ...steps,
    { tab, at: end - zero, ms: 0, text: `answers: ${outcome}` },
  ]
}
