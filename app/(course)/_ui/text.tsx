import type { ReactNode } from 'react'

/** A paragraph of a lesson. */
export function Text({ children }: { children: ReactNode }) {
  return (
    <p className="max-w-prose text-pretty text-muted [&_a]:prose-link [&_code]:font-mono [&_code]:text-[0.9em] [&_code]:text-ink [&_strong]:text-ink">
      {children}
    </p>
  )
}

/** Says what just happened. Use `alert` for an error: screen readers announce it at once. */
export function Notice({ alert = false, children }: { alert?: boolean; children: ReactNode }) {
  return (
    <p
      role={alert ? 'alert' : 'status'}
      className="border-accent border-l-4 bg-accent-soft px-4 py-3 text-ink [&_code]:font-mono [&_code]:text-[0.9em]"
    >
      {children}
    </p>
  )
}

/** Text in which everything between backticks is code. */
export function Marked({ children }: { children: string }) {
  return children.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <code key={part} className="font-mono text-[0.875em] text-ink [overflow-wrap:anywhere]">
        {part}
      </code>
    ),
  )
}
