/** Files shown as they are. `text` comes from an import with `?source`, so what is shown is what runs. */
export interface Source {
  path: string
  text: string
}

export function SourceListing({ sources }: { sources: readonly Source[] }) {
  return (
    <section aria-label="Source of this page" className="flex flex-col gap-6">
      {sources.map(({ path, text }) => (
        <SourceFile key={path} path={path} text={text} />
      ))}
    </section>
  )
}

const callsSession = /\bsession\.\w|\b(?:getSession|destroyAllSessions)[<(]/

/** One file. Lines that call the session stand out; the rest steps back. */
export function SourceFile({ path, text }: Source) {
  const lines = text.trimEnd().split('\n')
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-raised">
      <figcaption className="border-line border-b px-4 py-2 font-mono text-muted text-xs [overflow-wrap:anywhere]">
        {path}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0} className="overflow-x-auto px-4 py-3.5 font-mono text-[0.8125rem] leading-6">
        <code>
          {lines.map((line, index) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a file never move
              key={index}
              className={callsSession.test(line) ? 'font-semibold text-accent' : 'text-muted'}
            >
              {`${line}\n`}
            </span>
          ))}
        </code>
      </pre>
    </figure>
  )
}
