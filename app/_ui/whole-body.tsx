import { type ReactNode, Suspense } from 'react'

/**
 * `<body>`, sent in one piece, so that pages which read the session are readable without JavaScript.
 *
 * With Cache Components, whatever reads the session has to be under `<Suspense>`. A boundary inside the body would
 * send its fallback first and the content hidden behind a script. Around the body there is nothing to send first,
 * and React waits for the content. Without Cache Components there is no boundary, because an error inside one is
 * answered with status 200 and an error outside of any with 500.
 */
export function WholeBody({ className, children }: { className: string; children: ReactNode }) {
  const body = <body className={className}>{children}</body>
  return process.env.__NEXT_CACHE_COMPONENTS ? <Suspense>{body}</Suspense> : body
}
