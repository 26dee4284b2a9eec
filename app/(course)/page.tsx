import Link from 'next/link'
import type { ReactNode } from 'react'
import { Button } from './_ui/form'
import { SessionCard } from './_ui/session-card'
import { SourceFile } from './_ui/source-listing'
import { Terminal } from './_ui/terminal'
import { Marked, Text } from './_ui/text'
import { countVisit } from './get/actions'
import getActions from './get/actions.ts?source'
import { lessons } from './lessons'

/** The home page of this site. create-sess-app gives an app a home page of its own. */
export default function Home() {
  return (
    <div className="flex flex-col gap-y-16 lg:gap-y-20">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-x-12 gap-y-10 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex flex-col gap-10">
          <header>
            <h1 className="max-w-[17ch] text-balance text-[clamp(2.5rem,1.4rem+4.4vw,4.75rem)] text-title">
              Secure sessions for Next.js, working from your first request.
            </h1>
            <p className="mt-6 max-w-[38rem] text-pretty text-lead text-muted [&_code]:text-[0.9em] [&_code]:text-ink">
              A session keeps one visitor’s data between requests. sess is a folder, <code>lib/session</code>,
              that you copy into your app and own. Your code calls <code>get</code>, <code>set</code> and{' '}
              <code>save</code>. One variable selects where sessions are kept.
            </p>
          </header>
          <Ways />
        </div>
        <div className="xl:self-start">
          <SessionCard />
        </div>
      </div>
      <Example />
      <section aria-labelledby="lessons-list">
        <h2 id="lessons-list" className="text-heading">
          Learn sessions, one idea per page
        </h2>
        <div className="mt-2">
          <Text>
            Each lesson does one thing with your own session and shows the code it runs. All lessons work
            without JavaScript.{' '}
            <Link href={`/${lessons[0].slug}`} prefetch={false}>
              Start with the first lesson
            </Link>
            .
          </Text>
        </div>
        <LessonList />
      </section>
    </div>
  )
}

/** The two ways to get sess. */
function Ways() {
  return (
    <div className="flex flex-col gap-7">
      <Way
        id="start"
        title="Start a new app"
        lines={['npx create-sess-app my-app', 'cd my-app && npm run dev']}
      >
        You get a Next.js 16 app with sessions, a random secret and tests. It needs Node 22.13 or later.
      </Way>
      <Way id="copy" title="Or copy it into yours" lines={['cd my-next-app', 'npx create-sess-app add']}>
        The command copies <code>lib/session</code> into an App Router app and installs the packages it needs.
        It adds <code>proxy.ts</code>, <code>instrumentation.ts</code> and a secret in <code>.env.local</code>
        . It never overwrites your files. It prints the lines you need to add. Later,{' '}
        <code>npx create-sess-app upgrade</code> brings a new version and keeps your edits.
      </Way>
    </div>
  )
}

function Way({
  id,
  title,
  lines,
  children,
}: {
  id: string
  title: string
  lines: readonly string[]
  children: ReactNode
}) {
  return (
    <section aria-labelledby={id} className="min-w-0">
      <h2 id={id} className="font-semibold text-lg">
        {title}
      </h2>
      <div className="mt-2 mb-3">
        <Terminal lines={lines} />
      </div>
      <Text>{children}</Text>
    </section>
  )
}

const FEATURES = [
  ['No session until you save', 'Reading creates no session. A visitor who only reads pages gets no cookie.'],
  [
    'Encrypted, without setup',
    'By default the cookie holds all data, encrypted and signed. Scripts in the page cannot read it.',
  ],
  [
    'Five more stores',
    'Files, SQLite, PostgreSQL, Redis or memcached. Switch stores with `SESSION_STORE`; your code stays the same.',
  ],
  [
    'Overlapping saves merge',
    'Two tabs change two keys at the same time. A store on the server keeps both changes.',
  ],
  ['Bad cookies are ignored', 'A forged, truncated or foreign cookie gets an empty session, never an error.'],
  [
    'Works with any sign-in',
    'sess does not sign anyone in. Save the user’s id in the session and call `regenerate`.',
  ],
] as const

function Example() {
  return (
    <section aria-labelledby="code">
      <h2 id="code" className="text-heading">
        A visit counter that runs on this page
      </h2>
      <div className="mt-5 grid grid-cols-[minmax(0,1fr)] items-start gap-x-12 gap-y-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <SourceFile source={getActions} />
        <form action={countVisit} className="flex flex-col items-start gap-4">
          <Button>Count a visit</Button>
          <Text>
            The button runs this function with your own session. The next page shows what was stored and which
            cookies the server sent.
          </Text>
        </form>
      </div>
      <dl className="mt-12 grid gap-x-12 gap-y-6 sm:grid-cols-2 xl:grid-cols-3">
        {FEATURES.map(([title, text]) => (
          <div key={title} className="border-line border-t pt-3">
            <dt className="font-semibold">{title}</dt>
            <dd className="mt-0.5 text-pretty text-muted">
              <Marked>{text}</Marked>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function LessonList() {
  return (
    <ol className="mt-6 grid gap-x-12 md:grid-cols-2">
      {lessons.map(({ slug, title, sentence }, index) => (
        <li key={slug} className="border-line border-t">
          <Link
            href={`/${slug}`}
            prefetch={false}
            className="group grid h-full grid-cols-[2.25rem_minmax(0,1fr)] py-4"
          >
            <span aria-hidden="true" className="font-mono text-accent text-small leading-7 tabular-nums">
              {index + 1}
            </span>
            <span>
              <span className="block font-semibold text-lg group-hover:text-accent">{title} </span>
              <span className="block max-w-prose text-pretty text-muted">
                <Marked>{sentence}</Marked>
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ol>
  )
}
