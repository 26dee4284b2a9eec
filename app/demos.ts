import type { Metadata } from 'next'

/** The demos in reading order: the one list behind the home page, the navigation and each page's metadata. */
export const demos = [
  {
    slug: 'get',
    title: 'Get',
    sentence: 'Read a value. Reading creates nothing: a visitor who only looks gets no cookie.',
  },
  {
    slug: 'set',
    title: 'Set without save',
    sentence: 'Set changes the copy of one request. Without save, the change ends with that request.',
  },
  {
    slug: 'save',
    title: 'Save',
    sentence: 'Save writes the changes, then the cookies. From then on every request reads them.',
  },
  {
    slug: 'delete',
    title: 'Delete one key',
    sentence: 'Delete removes one key and leaves the others. It too takes effect with save.',
  },
  {
    slug: 'delete-all',
    title: 'Destroy the session',
    sentence: 'Destroy ends the whole session: the store forgets it and both cookies expire.',
  },
  {
    slug: 'avoid-touch',
    title: 'Avoid touch',
    sentence: 'A visit touches the session and extends its life. Avoid touch makes the expiry stand still.',
  },
  {
    slug: 'regenerate',
    title: 'Regenerate',
    sentence: 'The same data under a new token. Do this whenever someone signs in or gains rights.',
  },
  {
    slug: 'route-handler',
    title: 'Route Handler',
    sentence: 'The same session over HTTP, for scripts and for clients that are not React.',
  },
] as const

export type DemoSlug = (typeof demos)[number]['slug']

export interface DemoLink {
  href: `/${DemoSlug}`
  title: string
}

/** All demos as links, in reading order. */
export const demoLinks: readonly DemoLink[] = demos.map(({ slug, title }) => ({ href: `/${slug}`, title }))

/** What the frame of one demo shows: its place in the list, its words, and its neighbours. */
export function demoFrame(slug: DemoSlug) {
  const index = demos.findIndex((demo) => demo.slug === slug)
  const { title, sentence } = demoBySlug(slug)
  return { number: index + 1, title, sentence, previous: demoLinks[index - 1], next: demoLinks[index + 1] }
}

export function demoMetadata(slug: DemoSlug): Metadata {
  const { title, sentence } = demoBySlug(slug)
  return { title, description: sentence }
}

function demoBySlug(slug: DemoSlug) {
  const demo = demos.find((candidate) => candidate.slug === slug)
  if (demo === undefined) throw new Error(`There is no demo "${slug}".`)
  return demo
}
