import type { NextConfig } from 'next'
import { turbopackRules } from './app/(course)/turbopack-rules.mjs'

const config: NextConfig = {
  typedRoutes: true,
  poweredByHeader: false,
  turbopack: turbopackRules, // for app/(course)
}

export default config
