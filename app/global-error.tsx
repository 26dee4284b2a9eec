'use client'

import ErrorPage from './(course)/error'
import './(course)/course.css'

/** Shown when the root layout fails. Next's own page has inline styles, which the Content-Security-Policy forbids. */
export default function GlobalError(props: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <title>Error · sess</title>
      <body className="bg-page px-5 py-12 font-sans text-ink leading-relaxed antialiased">
        <main className="mx-auto max-w-3xl">
          <ErrorPage {...props} />
        </main>
      </body>
    </html>
  )
}
