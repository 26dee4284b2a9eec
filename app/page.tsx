import Link from 'next/link'
import { SessionCard } from './_ui/session-card'
import { SourceFile } from './_ui/source-listing'
import getActions from './(demos)/get/actions.ts?source'
import { demos } from './demos'

export default function Home() {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-x-12 gap-y-14 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex flex-col gap-14">
        <header>
          <h1 className="text-balance font-bold text-4xl leading-[1.1] tracking-tight sm:text-6xl">
            Web sessions for Next.js, right from the first minute.
          </h1>
          <p className="mt-6 max-w-prose text-pretty text-lg text-muted sm:text-xl">
            A session keeps one visitor’s data between requests. Get it, change it, save it. The same three
            steps work in a Server Action and in a Route Handler, and with every store.
          </p>
        </header>
        <SourceFile source={getActions} />
        <section aria-labelledby="demos">
          <h2 id="demos" className="font-semibold text-2xl tracking-tight">
            One idea a page
          </h2>
          <p className="mt-2 max-w-prose text-muted">
            Each page does one thing with your own session and shows the very files it runs. All of them work
            without JavaScript.
          </p>
          <DemoList />
        </section>
      </div>
      <div className="xl:sticky xl:top-12 xl:self-start">
        <SessionCard />
      </div>
    </div>
  )
}

function DemoList() {
  return (
    <ol className="mt-6 divide-y divide-line border-line border-y">
      {demos.map(({ slug, title, sentence }, index) => (
        <li key={slug}>
          <Link
            href={`/${slug}`}
            prefetch={false}
            className="group grid grid-cols-[2.5rem_minmax(0,1fr)] py-4"
          >
            <span aria-hidden="true" className="font-mono text-accent text-sm leading-7 tabular-nums">
              {String(index + 1).padStart(2, '0')}
            </span>
            <span>
              <span className="block font-medium text-lg group-hover:text-accent">{title} </span>
              <span className="block max-w-prose text-pretty text-muted">{sentence}</span>
            </span>
          </Link>
        </li>
      ))}
    </ol>
  )
}
