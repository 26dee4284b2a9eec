import type { NextConfig } from 'next'

const config: NextConfig = {
  typedRoutes: true,
  agentRules: false,
  poweredByHeader: false,
  turbopack: {
    rules: {
      // `import text from './actions.ts?source'` is the file's own text: the demos show the source that runs.
      '*': { condition: { query: '?source' }, type: 'text' },
      '*.css': { loaders: ['@tailwindcss/turbopack'], as: '*.css' },
    },
  },
}

export default config
