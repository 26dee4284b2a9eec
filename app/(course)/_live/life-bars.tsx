'use client'

import { useEffect, useState } from 'react'

interface Limit {
  label: string
  secondsLeft: number
  ofSeconds: number
}

/**
 * Bars that count down the time limits, second by second. Without JavaScript they show the time of the request. Pass that
 * time as `key`, so that every visit renders new bars.
 */
export function LifeBars({ limits }: { limits: readonly Limit[] }) {
  const elapsed = useElapsedSeconds()
  return (
    <dl className="flex flex-col gap-4">
      {limits.map(({ label, secondsLeft, ofSeconds }) => {
        const left = Math.max(0, Math.ceil(secondsLeft - elapsed))
        return (
          <div key={label}>
            <dt className="flex flex-wrap justify-between gap-x-4 text-small">
              <span className="font-medium">{label}</span>
              <span className="font-mono text-muted tabular-nums">
                {left} of {ofSeconds} s left
              </span>
            </dt>
            <dd className="relative mt-1.5">
              {/* The bar below is drawn by hand, because every browser draws a meter differently. */}
              <meter aria-label={label} min={0} max={ofSeconds} value={left} className="sr-only" />
              <svg
                aria-hidden="true"
                viewBox="0 0 100 4"
                preserveAspectRatio="none"
                className="block h-3 w-full rounded-full"
              >
                <rect width="100" height="4" className="fill-line" />
                <rect width={(left / ofSeconds) * 100} height="4" className="fill-accent" />
              </svg>
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

/** Uses the browser's monotonic clock, because the visitor's time of day may be wrong. */
function useElapsedSeconds(): number {
  const [elapsed, setElapsed] = useState(0)
  useEffect(() => {
    const start = performance.now()
    const timer = setInterval(() => setElapsed((performance.now() - start) / 1000), 1000)
    return () => clearInterval(timer)
  }, [])
  return elapsed
}
