import type { StoreStep } from '@/lib/session'
import type { TabReport } from './tabs-run'
import { stepInWords } from './trace-lines'

interface Moment {
  tab: string
  /** Milliseconds since the first of the two requests began. */
  at: number
  ms: number
  /** Undefined for the beginning and the end of a request. */
  call?: StoreStep['call']
  text: string
}

/** Two requests on one time scale, and a list of the same moments in order. */
export function TimeLine({ reports, store }: { reports: readonly TabReport[]; store: string }) {
  const zero = Math.min(...reports.map(({ begin }) => begin))
  const end = Math.max(1, ...reports.map((report) => report.end - zero))
  const lines = reports.map((report) => ({
    tab: report.tab,
    begin: report.begin - zero,
    end: report.end - zero,
    moments: momentsOf(report, zero, store),
  }))
  const moments = lines.flatMap((line) => line.moments).sort((a, b) => a.at - b.at)
  return (
    <figure aria-label="Time line of the two requests" className="flex flex-col gap-5">
      <div aria-hidden="true" className="grid grid-cols-[3.5rem_minmax(0,1fr)] items-center gap-y-2">
        {lines.map((line) => (
          <Line key={line.tab} {...line} scale={100 / end} />
        ))}
      </div>
      <figcaption>
        <ol className="divide-y divide-line border-line border-y font-mono text-tiny">
          {moments.map(({ tab, at, call, text }) => (
            <li
              key={`${tab} ${at} ${text}`}
              className="grid grid-cols-[5rem_3.5rem_1.25rem_minmax(0,1fr)] items-center py-1.5"
            >
              <span className="text-muted tabular-nums">{at.toFixed(1)} ms</span>
              <span>{tab}</span>
              <svg aria-hidden="true" viewBox="0 0 8 8" className="size-2">
                <rect width={call ? 8 : 2} height="8" className={fillOf(call)} />
              </svg>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </figcaption>
    </figure>
  )
}

/** One request from its start to its response. Each store call is a bar. */
function Line({
  tab,
  begin,
  end,
  moments,
  scale,
}: {
  tab: string
  begin: number
  end: number
  moments: Moment[]
  scale: number
}) {
  return (
    <>
      <span className="font-mono text-tiny">{tab}</span>
      <svg aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none" className="block h-7 w-full">
        <rect x={begin * scale} y="3.5" width={(end - begin) * scale} height="1" className="fill-edge" />
        {moments.map(({ at, ms, call, text }) => (
          <rect
            key={`${at} ${text}`}
            x={Math.min(99.5, at * scale)}
            width={call ? Math.max(1, ms * scale) : 0.5}
            y="1"
            height="6"
            className={fillOf(call)}
          />
        ))}
      </svg>
    </>
  )
}

/** Reads are pale, writes are strong, and the start and end of a request are thin and dark. */
function fillOf(call: StoreStep['call'] | undefined): string {
  if (call === undefined) return 'fill-ink'
  return call === 'load' ? 'fill-accent/45' : 'fill-accent'
}

function momentsOf({ tab, begin, end, outcome, trace }: TabReport, zero: number, store: string): Moment[] {
  const steps = (trace?.steps ?? []).map((step) => ({
    tab,
    at: (trace?.begin ?? begin) + step.after - zero,
    ms: step.ms,
    call: step.call,
    text: stepInWords(step, store).join(' → '),
  }))
  return [
    { tab, at: begin - zero, ms: 0, text: 'starts' },
    ...steps,
    { tab, at: end - zero, ms: 0, text: `responds: ${outcome}` },
  ]
}
