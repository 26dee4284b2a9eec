import Link from 'next/link'
import { SessionCard } from './_ui/session-card'
import { SourceFile } from './_ui/source-listing'
import { Terminal } from './_ui/terminal'
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
              that you copy into your app and own: three words to learn, six stores behind one variable.
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
        <p className="mt-2 max-w-prose text-pretty text-muted">
          Each page does one thing with your own session and shows the very files it runs. All of them work
          without JavaScript. Begin with the first.
        </p>
        <DemoList />
      </section>
    </div>
  )
}

/** The two ways to have it. */
function Ways() {
  return (
    <div className="flex flex-col gap-6">
      <section aria-labelledby="start" className="min-w-0">
        <h2 id="start" className="font-semibold">
          Start a new app
        </h2>
        <p className="mt-1 mb-3 text-muted text-small">
          Sessions, a secret of its own and tests, ready to run.
        </p>
        <Terminal lines={['npx create-sess-app my-app', 'cd my-app && npm run dev']} />
      </section>
      <section aria-labelledby="copy" className="min-w-0">
        <h2 id="copy" className="font-semibold">
          Or copy it into yours
        </h2>
        <p className="mt-1 mb-3 text-muted text-small">
          One folder, <code>lib/session</code>, two files beside <code>app</code>, and the packages they
          import. From then on it is your code.
        </p>
        <Terminal lines={['cd my-next-app', 'npx create-sess-app add']} />
      </section>
    </div>
  )
}

const PROMISES = [
  ['Get, set, save', 'The same three steps in a Server Action and in a Route Handler.'],
  ['No cookie for mere visitors', 'Reading creates nothing. A session begins with its first save.'],
  ['Overlapping saves merge', 'Two tabs, two keys: both survive, in every store on a server.'],
  ['Hostile input is a stranger', 'Forged, cut short, another site’s: an empty session, never an error.'],
] as const

function TheWholeOfIt() {
  return (
    <section
      aria-labelledby="code"
      className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-12 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]"
    >
      <div>
        <h2 id="code" className="mb-5 text-heading">
          This is all the code
        </h2>
        <SourceFile source={getActions} />
      </div>
      <dl className="grid gap-5 sm:grid-cols-2 xl:grid-cols-1 xl:pt-12">
        {PROMISES.map(([title, text]) => (
          <div key={title} className="border-edge border-t pt-3">
            <dt className="font-semibold">{title}</dt>
            <dd className="text-pretty text-muted text-small">{text}</dd>
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
