/**
 * What the lessons need from `next.config.ts`. An import with `?source` is the highlighted text of a file, so that a lesson
 * shows the code it runs. The styles are Tailwind's.
 * @type {NonNullable<import('next').NextConfig['turbopack']>}
 */
export const turbopackRules = {
  rules: {
    '*': {
      condition: { query: '?source' },
      loaders: ['./app/(course)/source-loader.mjs'],
      as: '*.js',
    },
    'course.css': { loaders: ['@tailwindcss/turbopack'], as: '*.css' },
  },
}
