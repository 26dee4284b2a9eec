import type { Metadata } from 'next'

/**
 * The lessons in reading order: the home page, the navigation and the frame of each lesson take their words from here.
 * In `sentence` and `steps`, text between backticks is shown as code.
 */
export const lessons = [
  {
    slug: 'why-sessions',
    title: 'Why sessions',
    sentence: 'HTTP has no memory. With a session, the server recognises your browser at its next request.',
    steps: [
      'Press `Say who you are`, then open this page in a private window. The server treats it as a different visitor and does not know your name.',
      'Reload. Your name is still there, because your browser sent its cookie again.',
      'Look at the cookie in your browser’s developer tools. You cannot read its content, and scripts in the page cannot see it.',
    ],
  },
  {
    slug: 'get',
    title: 'Get',
    sentence: '`get` reads a value. Reading creates no session, and the visitor gets no cookie.',
    steps: [
      'In a private window, look for cookies in your browser’s developer tools. There are none, no matter how many pages you visit.',
      'Count a visit and reload. The page only reads the number. The button changes it.',
      'Open the page in another browser. It starts at 0 and cannot see your count.',
    ],
  },
  {
    slug: 'set',
    title: 'Set without save',
    sentence:
      '`set` changes a copy that lives only during this request. Unless you call `save`, the change is lost when the request ends.',
    steps: [
      'Set a colour. The same request reads the new colour. The next request does not.',
      'Watch the session card: the colour is marked unsaved, and after a reload it is gone.',
      'Start the app with `npm run dev` and set a colour there. The server’s console names the line that changed the session without saving it.',
    ],
  },
  {
    slug: 'save',
    title: 'Save',
    sentence:
      '`save` writes your changes to the store and sends the cookies. Every later request reads them.',
    steps: [
      'Save a note, close the tab and open the page again. The note is still there.',
      'Save an emoji, quotes or letters of another alphabet. You read back exactly what you saved.',
      'Try to save 5000 bytes. The cookie store rejects the whole save, so your old note is kept.',
    ],
  },
  {
    slug: 'delete',
    title: 'Delete one key',
    sentence: '`delete` removes one key and keeps the others. Like `set`, it needs a `save`.',
    steps: [
      'Save both keys, delete the first and reload. The second is unchanged.',
      'Delete it again. Deleting a key that does not exist is not an error.',
    ],
  },
  {
    slug: 'delete-all',
    title: 'Destroy the session',
    sentence: '`destroy` removes the session from the store and tells the browser to delete its two cookies.',
    steps: [
      'Save a name, write down the public id, destroy the session and save again. The public id is different.',
      'Choose the dark theme, then destroy the session. The theme is gone too, because the session held it.',
    ],
  },
  {
    slug: 'avoid-touch',
    title: 'Touch and avoid touch',
    sentence:
      'Each visit extends the session; this is called a touch. With `avoidTouch` on, visits no longer extend the session; only saves do.',
    steps: [
      'Save something, wait a minute and reload. The session now expires later.',
      'Turn avoid touch on, wait and reload. The expiry stays the same, no matter how often you visit.',
      'Save a note on another page. A save extends the session even now.',
    ],
  },
  {
    slug: 'regenerate',
    title: 'Regenerate',
    sentence:
      '`regenerate` replaces the token and keeps the data. Call it whenever someone signs in or gains rights.',
    steps: [
      'Save a greeting, regenerate, and compare the two public ids. The greeting is still there.',
      'Compare the cookie before and after. It has changed. With a store on the server, the old cookie no longer opens the session.',
    ],
  },
  {
    slug: 'route-handler',
    title: 'Route Handler',
    sentence: 'Scripts and other clients can use the same session over HTTP.',
    steps: [
      'Add one with PATCH. The count on this page changes.',
      'Copy the `curl` lines into a terminal. `curl` keeps its own cookies, so it is a different visitor.',
    ],
  },
  {
    slug: 'cookie',
    title: 'The cookie, taken apart',
    sentence: 'What each part of the cookie is for, and what the server does when one bit of it is wrong.',
    steps: [
      'Save something and read the list. Most of the cookie protects your data: other people can neither read it nor forge it.',
      'Flip one bit. The server treats you as a new visitor. Look at what just happened, or read the server’s log, to see why it rejected the cookie.',
      'Flip it back. The cookie is valid again, and the server recognises you.',
    ],
  },
  {
    slug: 'two-tabs',
    title: 'Two tabs at once',
    sentence:
      'Two requests change the session at the same time. A store on the server keeps both changes. The cookie store keeps only the last one.',
    steps: [
      'Save from both at once and read the time line. Both requests read the session before either of them saves.',
      'Start the server again, once with `SESSION_STORE=file` and once without. Compare which keys are kept.',
      'Press `Save from a new tab`, then the button beside it. Two real tabs behave like the one button.',
    ],
  },
  {
    slug: 'choosing-a-store',
    title: 'Choosing a store',
    sentence:
      'A store is where sessions are kept. Switch stores with `SESSION_STORE`; your code stays the same.',
    steps: [
      'Set `SESSION_STORE=file` and start the server again. Everything still works. If your app was created without that store, the server tells you at start-up how to add it.',
      'Set `SESSION_MIGRATE_FROM=cookie` as well. Each session moves to the new store at its next save, and every visitor stays signed in.',
      'Misspell the name: `SESSION_STORE=fiel`. The server does not start, and it lists the stores you can use.',
    ],
  },
  {
    slug: 'what-an-attacker-tries',
    title: 'What an attacker tries',
    sentence:
      'A forged, truncated or foreign cookie gets an empty session. A store on the server also rejects an old cookie; the cookie store cannot.',
    steps: [
      'Try each attack. None of them causes an error, and your own session keeps its data.',
      'Send a forged cookie from a terminal with the command on this page. The response has status 200 and an empty session.',
      'Read the server’s log. Each rejected cookie is one line with the reason. The cookie’s value is never logged.',
    ],
  },
] as const

export type LessonSlug = (typeof lessons)[number]['slug']

export interface LessonLink {
  href: `/${LessonSlug}`
  title: string
}

/** A link to each lesson, in reading order. */
export const lessonLinks: readonly LessonLink[] = lessons.map(({ slug, title }) => ({
  href: `/${slug}`,
  title,
}))

/** What the frame of a lesson shows: its number, its words, and the lessons before and after it. */
export function lessonFrame(slug: LessonSlug) {
  const index = lessons.findIndex((lesson) => lesson.slug === slug)
  return {
    ...lessonBySlug(slug),
    number: index + 1,
    total: lessons.length,
    previous: lessonLinks[index - 1],
    next: lessonLinks[index + 1],
  }
}

export function lessonMetadata(slug: LessonSlug): Metadata {
  const { title, sentence } = lessonBySlug(slug)
  return { title, description: sentence.replaceAll('`', '') }
}

function lessonBySlug(slug: LessonSlug) {
  const lesson = lessons.find((candidate) => candidate.slug === slug)
  if (lesson === undefined) throw new Error(`There is no lesson "${slug}".`)
  return lesson
}
