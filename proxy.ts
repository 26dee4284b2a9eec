import type { NextRequest } from 'next/server'
import { touchSession } from '@/lib/session'

/** Extends the life of the visitor's session at each visit. It never carries data and never signs anyone in. */
export function proxy(request: NextRequest) {
  return touchSession(request)
}

export const config = {
  // Literals only: Next reads them while it builds. The home page has an entry of its own for apps with a `basePath`.
  // A prefetch is not a visit; inside `proxy()` its headers are gone, so they are matched here. `<Link prefetch={true}>`
  // sends none of them, and so counts as a visit.
  matcher: [
    {
      source:
        '/((?!_next/static|_next/image|.*\\.(?:avif|css|gif|ico|jpe?g|js|json|map|mp4|pdf|png|svg|txt|webmanifest|webp|woff2?|xml)$).*)',
      missing: [
        { type: 'header', key: 'next-router-prefetch' },
        { type: 'header', key: 'next-router-segment-prefetch' },
        { type: 'header', key: 'purpose', value: 'prefetch' },
        { type: 'header', key: 'sec-purpose' },
        { type: 'header', key: 'x-moz', value: 'prefetch' },
      ],
    },
    {
      source: '/',
      missing: [
        { type: 'header', key: 'next-router-prefetch' },
        { type: 'header', key: 'next-router-segment-prefetch' },
        { type: 'header', key: 'purpose', value: 'prefetch' },
        { type: 'header', key: 'sec-purpose' },
        { type: 'header', key: 'x-moz', value: 'prefetch' },
      ],
    },
  ],
}
