/** A file as it is. It comes from an import with `?source`, so what is shown is what runs. */
export interface Source {
  /** From the root of the project. */
  path: string
  text: string
  /** The text with its tokens marked, made when the app was built. */
  html: string
}

export function SourceListing({ sources }: { sources: readonly Source[] }) {
  return (
    <section aria-labelledby="source" className="flex flex-col gap-5">
      <h2 id="source" className="text-heading">
        Source of this page
      </h2>
      {sources.map((source) => (
        <SourceFile key={source.path} source={source} />
      ))}
    </section>
  )
}

/** One file. Lines that call the session stand out; the rest steps back. */
export function SourceFile({ source: { path, html } }: { source: Source }) {
  return (
    <figure className="card overflow-hidden">
      <figcaption className="u-label border-line border-b px-5 py-2.5 [overflow-wrap:anywhere]">
        {path}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0} className="code">
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: made from our own files while the app is built */}
        <code dangerouslySetInnerHTML={{ __html: html }} className="inline-block min-w-full" />
      </pre>
    </figure>
  )
}
