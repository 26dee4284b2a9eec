interface SizeMeterProps {
  label: string
  bytes: number
  limitBytes: number
}

/** A bar that shows how much of a limit is used. The part beyond the limit has another colour. */
export function SizeMeter({ label, bytes, limitBytes }: SizeMeterProps) {
  const isOver = bytes > limitBytes
  const scale = 100 / Math.max(bytes, limitBytes, 1)
  const [taken, limit] = [bytes * scale, limitBytes * scale]
  return (
    <figure>
      <figcaption className="flex flex-wrap justify-between gap-x-4 text-small">
        <span className="font-medium">{label}</span>
        <span className="font-mono text-muted tabular-nums">
          {bytes} of {limitBytes} bytes
        </span>
      </figcaption>
      <svg
        role="img"
        aria-label={`${bytes} of ${limitBytes} bytes${isOver ? ', too many' : ''}`}
        viewBox="0 0 100 4"
        preserveAspectRatio="none"
        className="mt-1.5 block h-3 w-full rounded-full"
      >
        <rect width="100" height="4" className="fill-line" />
        <rect width={Math.min(taken, limit)} height="4" className="fill-accent" />
        {isOver && <rect x={limit} width={taken - limit} height="4" className="fill-ink" />}
      </svg>
    </figure>
  )
}
