import { type ReactNode, Suspense } from 'react'
import { mono, sans } from './(course)/fonts'
import { DocsLinks } from './docs/links'
import './(course)/course.css'

/** This layout and the pages beside it are this site's own. create-sess-app gives an app its own. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={`${sans.variable} ${mono.variable}`}>
      <WholeBody>
        {children}
        <DocsLinks />
      </WholeBody>
    </html>
  )
}

/**
 * `<body>`, sent in one piece, so that pages which read the session are readable without JavaScript.
 *
 * With Cache Components, everything that reads the session has to be under `<Suspense>`. A boundary inside the body would
 * send its fallback first, and the content hidden behind a script. Around the body there is nothing to send first, so React
 * waits for the content. Without Cache Components there is no boundary, because an error inside a boundary is sent with
 * status 200, and an error outside of any with status 500.
 */
function WholeBody({ children }: { children: ReactNode }) {
  const body = <body>{children}</body>
  return process.env.__NEXT_CACHE_COMPONENTS ? <Suspense>{body}</Suspense> : body
}
