'use client'

import ErrorPage from './error'
import './globals.css'

/** The page when the layout itself failed. Next's own would be styled in line, which the policy refuses. */
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
