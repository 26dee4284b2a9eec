import type { ComponentProps, ReactNode } from 'react'

/** A submit button. Use `quiet` for the less important of two buttons. */
export function Button({ quiet = false, ...props }: ComponentProps<'button'> & { quiet?: boolean }) {
  const look = quiet
    ? 'border-edge text-ink hover:border-accent hover:text-accent'
    : 'border-accent bg-accent text-on-accent hover:border-accent-strong hover:bg-accent-strong'
  return (
    <button
      type="submit"
      className={`inline-flex min-h-11 items-center justify-center rounded-control border px-4 py-2 font-medium text-small ${look}`}
      {...props}
    />
  )
}

/** A text input with its label and, below it, an optional hint. */
export function Field({ label, hint, ...input }: ComponentProps<'input'> & { label: string; hint?: string }) {
  return (
    <label className="flex min-w-0 grow flex-col gap-1.5">
      <span className="font-medium text-small">{label}</span>
      <input
        className="min-h-11 w-full rounded-control border border-edge bg-raised px-3 py-2 placeholder:text-muted"
        autoComplete="off"
        required
        {...input}
      />
      {hint === undefined ? null : <span className="text-muted text-small">{hint}</span>}
    </label>
  )
}

/** A row of controls that wraps on a phone. Fields and buttons share a bottom edge. */
export function Controls({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-end gap-3">{children}</div>
}
