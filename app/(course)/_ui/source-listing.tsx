/** A source file of the app. An import with `?source` makes it, so the page shows the code that runs. */
export interface Source {
  /** Relative to the root of the app. */
  path: string
  text: string
  /** The text with its tokens marked. The build makes it. */
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

/** One file. Lines that call the session are highlighted. */
export function SourceFile({ source: { path, html } }: { source: Source }) {
  return (
    <figure className="card overflow-hidden">
      <figcaption className="u-label border-line border-b px-5 py-2.5 [overflow-wrap:anywhere]">
        {path}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users need to reach what scrolls */}
      <pre tabIndex={0} className="code">
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the build makes it from our own files */}
        <code dangerouslySetInnerHTML={{ __html: html }} className="inline-block min-w-full" />
      </pre>
    </figure>
  )
}
