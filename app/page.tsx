import Link from 'next/link'
import type { ReactNode } from 'react'
import { Button } from './_ui/form'
import { SessionCard } from './_ui/session-card'
import { SourceFile } from './_ui/source-listing'
import { Terminal } from './_ui/terminal'
import { Marked, Text } from './_ui/text'
import { countVisit } from './(demos)/get/actions'
import getActions from './(demos)/get/actions.ts?source'
import { demos } from './demos'

export default function Home() {
  return (
    <div className="flex flex-col gap-y-16 lg:gap-y-20">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-x-12 gap-y-10 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex flex-col gap-10">
          <header>
            <h1 className="max-w-[16ch] text-balance text-[clamp(2.5rem,1.4rem+4.4vw,4.75rem)] text-title">
              Web sessions for Next.js, right from the first minute.
            </h1>
            <p className="mt-6 max-w-[38rem] text-pretty text-lead text-muted [&_code]:text-[0.9em] [&_code]:text-ink">
              A session keeps one visitor’s data between requests. sess is a folder, <code>lib/session</code>,
              that you copy into your app and own. You <code>get</code>, <code>set</code> and{' '}
              <code>save</code>; one variable says where sessions live.
            </p>
          </header>
          <Ways />
        </div>
        <div className="xl:self-start">
          <SessionCard />
        </div>
      </div>
      <TheWholeOfIt />
      <section aria-labelledby="demos">
        <h2 id="demos" className="text-heading">
          Learn sessions, one idea a page
        </h2>
        <div className="mt-2">
          <Text>
            Each page does one thing with your own session and shows the very files it runs. All of them work
            without JavaScript.{' '}
            <Link href={`/${demos[0].slug}`} prefetch={false}>
              Begin with the first
            </Link>
            .
          </Text>
        </div>
        <DemoList />
      </section>
    </div>
  )
}

/** The two ways to have it. */
function Ways() {
  return (
    <div className="flex flex-col gap-7">
      <Way
        id="start"
        title="Start a new app"
        lines={['npx create-sess-app my-app', 'cd my-app && npm run dev']}
      >
        Next.js 16 with sessions, a secret of its own and tests, ready to run. Node 22.13 or later.
      </Way>
      <Way id="copy" title="Or copy it into yours" lines={['cd my-next-app', 'npx create-sess-app add']}>
        Into an App Router app: <code>lib/session</code>, the packages it imports, <code>proxy.ts</code>,{' '}
        <code>instrumentation.ts</code>, and a secret in <code>.env.local</code>. Files you have are left as
        they are: it shows the lines to add. From then on it is your code, and{' '}
        <code>npx create-sess-app upgrade</code> brings later versions without losing your edits.
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

const PROMISES = [
  ['Nothing until you save', 'Reading creates nothing: a visitor who only looks gets no cookie.'],
  [
    'Sealed, with nothing to set up',
    'By default all data is in the cookie, encrypted and signed, out of the reach of scripts.',
  ],
  [
    'Five more stores',
    'Files, SQLite, PostgreSQL, Redis, memcached: `SESSION_STORE` changes, and no line of your code.',
  ],
  ['Overlapping saves merge', 'Two tabs change two keys: with a store on the server both changes survive.'],
  ['A bad cookie is a stranger’s', 'Forged, cut short, another site’s: an empty session, never an error.'],
  ['Sessions, not sign-in', 'It works beside any login: keep the user’s id in it, and regenerate.'],
] as const

function TheWholeOfIt() {
  return (
    <section aria-labelledby="code">
      <h2 id="code" className="text-heading">
        A visit counter, and it runs here
      </h2>
      <div className="mt-5 grid grid-cols-[minmax(0,1fr)] items-start gap-x-12 gap-y-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <SourceFile source={getActions} />
        <form action={countVisit} className="flex flex-col items-start gap-4">
          <Button>Count a visit</Button>
          <Text>
            Runs this very function with your own session, and takes you to the page that shows what happened:
            what was stored, and which cookies went out.
          </Text>
        </form>
      </div>
      <dl className="mt-12 grid gap-x-12 gap-y-6 sm:grid-cols-2 xl:grid-cols-3">
        {PROMISES.map(([title, text]) => (
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

function DemoList() {
  return (
    <ol className="mt-6 grid gap-x-12 md:grid-cols-2">
      {demos.map(({ slug, title, sentence }, index) => (
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
              <span className="block max-w-prose text-pretty text-muted">{sentence}</span>
            </span>
          </Link>
        </li>
      ))}
    </ol>
  )
}
