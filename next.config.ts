import type { NextConfig } from 'next'
import { turbopackRules } from './app/(course)/turbopack-rules.mjs'

// For every answer: pages, errors, files, the API. Pages get a policy with a nonce in its place, in proxy.ts.
const everywhere = [
  {
    key: 'Content-Security-Policy',
    value:
      "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  // Not `no-referrer`: a form would then send `Origin: null`, and Next refuses its action.
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=()' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
]

// Two years, and not for subdomains: they may not be ours. Other projects on localhost would be locked out as well.
const stayWithHttps = [{ key: 'Strict-Transport-Security', value: 'max-age=63072000' }]
const overHttps = { type: 'header', key: 'x-forwarded-proto', value: 'https' } as const
const localhost = { type: 'host', value: 'localhost' } as const

const config: NextConfig = {
  typedRoutes: true,
  agentRules: false,
  poweredByHeader: false,
  headers: async () => [
    { source: '/:path*', headers: everywhere },
    { source: '/:path*', has: [overHttps], missing: [localhost], headers: stayWithHttps },
  ],
  turbopack: {
    rules: {
      ...turbopackRules.rules,
      // The documentation of this repository, as pages below /docs.
      'pages.ts': {
        condition: { path: /app\/docs\/pages\.ts$/ },
        loaders: ['./app/docs/pages-loader.mjs'],
        as: '*.js',
      },
    },
  },
}

export default config
