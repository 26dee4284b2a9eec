import type { NextRequest } from 'next/server'
import { respondWithPolicy } from '@/lib/content-security-policy'
import { touchSession } from '@/lib/session'

/** Extends the life of the visitor's session at each visit. It never carries data and never signs anyone in. */
export function proxy(request: NextRequest) {
  return touchSession(request, respondWithPolicy(request))
}

export const config = {
  // Literals only: Next reads them while it builds. The home page has an entry of its own for apps with a `basePath`.
  // A prefetch of Next is no visit; inside `proxy()` its headers are gone, so it is left out here. `<Link prefetch={true}>`
  // sends none of them, and so counts as a visit.
  matcher: [
    {
      source:
        '/((?!_next/static|_next/image|.*\\.(?:avif|css|gif|ico|jpe?g|js|json|map|mp4|pdf|png|svg|txt|webmanifest|webp|woff2?|xml)$).*)',
      missing: [
        { type: 'header', key: 'next-router-prefetch' },
        { type: 'header', key: 'next-router-segment-prefetch' },
      ],
    },
    {
      source: '/',
      missing: [
        { type: 'header', key: 'next-router-prefetch' },
        { type: 'header', key: 'next-router-segment-prefetch' },
      ],
    },
  ],
}
