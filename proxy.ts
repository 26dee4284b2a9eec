import type { NextRequest } from 'next/server'
import { touchSession } from '@/lib/session'

/** Extends the life of the visitor's session at each visit. It never carries data and never signs anyone in. */
export function proxy(request: NextRequest) {
  return touchSession(request)
}

export const config = {
  matcher: [
    {
      source:
        '/((?!_next/static|_next/image|.*\\.(?:avif|css|gif|ico|jpe?g|js|json|map|mp4|pdf|png|svg|txt|webmanifest|webp|woff2?|xml)$).*)',
      // A prefetch is not a visit. Inside `proxy()` these headers are gone, so they are matched here.
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
