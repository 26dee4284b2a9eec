import type { Metadata } from 'next'

/**
 * The demos in reading order: the one list behind the home page, the navigation and each page's words. In `steps`,
 * what stands between backticks is shown as code.
 */
export const demos = [
  {
    slug: 'why-sessions',
    title: 'Why sessions',
    sentence: 'HTTP forgets you after every answer. A session is how a server knows you again.',
    steps: [
      'Press `Say who you are`, then open this page in a private window: it is another browser, and a stranger.',
      'Reload. Your name is still there, because your browser brought its cookie.',
      'Look at the cookie in your browser’s tools. It cannot be read, and a script in the page cannot see it.',
    ],
  },
  {
    slug: 'get',
    title: 'Get',
    sentence: 'Read a value. Reading creates nothing: a visitor who only looks gets no cookie.',
    steps: [
      'In a private window, look for cookies in your browser’s tools. There are none, however long you look around.',
      'Count a visit and reload. The page reads the number; only the button changes it.',
      'Open the page in another browser. It begins at 0 and never sees your count.',
    ],
  },
  {
    slug: 'set',
    title: 'Set without save',
    sentence: 'Set changes the copy of one request. Without save, the change ends with that request.',
    steps: [
      'Set a colour. The request that set it reads it back; the next one does not.',
      'Watch the card of the session: the colour never gets there, for nothing was saved.',
      'Run `npm run dev` and set one there. The console names the line that forgot to save.',
    ],
  },
  {
    slug: 'save',
    title: 'Save',
    sentence: 'Save writes the changes, then the cookies. From then on every request reads them.',
    steps: [
      'Save a note, close the tab, open the page again.',
      'Save an emoji, quotes, another alphabet. They come back as they were.',
      'Try to save 5000 bytes. In the cookie store it is refused whole, and the old note stays.',
    ],
  },
  {
    slug: 'delete',
    title: 'Delete one key',
    sentence: 'Delete removes one key and leaves the others. Like set, it takes effect with save.',
    steps: [
      'Save both keys, delete the first, reload. The second has not moved.',
      'Delete it again. Deleting what is not there is no error.',
    ],
  },
  {
    slug: 'delete-all',
    title: 'Destroy the session',
    sentence: 'Destroy ends the whole session: the store forgets it and both cookies expire.',
    steps: [
      'Save a name, note the public id, destroy, and save again. The id is another one.',
      'Choose a dark theme, then destroy. The theme goes too: it was kept in the session.',
    ],
  },
  {
    slug: 'avoid-touch',
    title: 'Touch and avoid touch',
    sentence: 'A visit touches the session and extends its life. Avoid touch makes the expiry stand still.',
    steps: [
      'Save something, wait a minute, reload. The expiry has moved.',
      'Turn avoid touch on, wait, reload. Now it stands still, however often you visit.',
      'Save a note on another page. A save extends life even then.',
    ],
  },
  {
    slug: 'regenerate',
    title: 'Regenerate',
    sentence: 'The same data under a new token. Do this whenever someone signs in or gains rights.',
    steps: [
      'Save a greeting, regenerate, and compare the two public ids. The greeting stays.',
      'Look at the cookie before and after. It is another one: with a store on the server, a copy of the old is worth nothing.',
    ],
  },
  {
    slug: 'route-handler',
    title: 'Route Handler',
    sentence: 'The same session over HTTP, for scripts and for clients that are not React.',
    steps: [
      'Add one with PATCH and watch the count in the page move.',
      'Copy the `curl` lines into a terminal. The jar there is another visitor.',
    ],
  },
  {
    slug: 'cookie',
    title: 'The cookie, taken apart',
    sentence: 'What each byte of the cookie is for, and what becomes of a visitor when one bit is wrong.',
    steps: [
      'Save something and read the list: most of the cookie is there so that nobody else can read or make one.',
      'Flip one bit. You are a stranger, nothing failed, and what just happened, or the server’s log, says why it was refused.',
      'Flip it back. The same bit twice is the same cookie, and you are known again.',
    ],
  },
  {
    slug: 'two-tabs',
    title: 'Two tabs at once',
    sentence:
      'Two requests that overlap. A store on the server keeps both changes, the cookie only the last.',
    steps: [
      'Save from both at once, and read the time line: each has read the session before either saves.',
      'Start again with `SESSION_STORE=file`, or without, and compare which keys survive.',
      'Press `Save from a new tab`, and then the button beside it. Real tabs do what the one button does.',
    ],
  },
  {
    slug: 'choosing-a-store',
    title: 'Choosing a store',
    sentence: 'A store is where sessions live. One variable changes it, and no line of your code.',
    steps: [
      'Set `SESSION_STORE=file` and start again. Everything still works. An app made with `--only` tells you at the start how to add the store.',
      'Set `SESSION_MIGRATE_FROM=cookie` with it. Visitors move at their next save, and nobody is logged out.',
      'Misspell it: `SESSION_STORE=fiel`. The start stops and lists the stores, before your visitors find out.',
    ],
  },
  {
    slug: 'what-an-attacker-tries',
    title: 'What an attacker tries',
    sentence:
      'Forge it, cut it, bring another site’s: a stranger. An old one too, unless the cookie is the store.',
    steps: [
      'Try each attack. None is an error, and your own session keeps its data.',
      'Send one from a terminal, with the line on this page. The answer is 200 and an empty session.',
      'Read the server’s log. Each refusal is one line with its reason, and never with the cookie’s value.',
    ],
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
  return {
    ...demoBySlug(slug),
    number: index + 1,
    total: demos.length,
    previous: demoLinks[index - 1],
    next: demoLinks[index + 1],
  }
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
