import type { ReactNode } from 'react'

/** A list of labelled values. `field` is a stable name of the row for tests and scripts. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="divide-y divide-line border-line border-y">{children}</dl>
}

export function Fact({ label, field, children }: { label: string; field: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(5.5rem,3fr)_minmax(0,7fr)] items-baseline gap-x-3 py-2.5">
      <dt className="text-[0.875em] text-muted">{label}</dt>
      <dd data-field={field} className="font-mono text-[0.9375em] tabular-nums [overflow-wrap:anywhere]">
        {children}
      </dd>
    </div>
  )
}
