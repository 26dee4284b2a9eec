import type { Route } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { SessionCard } from './session-card'
import { type Source, SourceListing } from './source-listing'

interface PageLink {
  href: Route
  title: string
}

export interface LessonFrameProps {
  number: number
  title: string
  sentence: string
  previous: PageLink | undefined
  next: PageLink | undefined
  /** The files that the page runs, in reading order. */
  sources: readonly Source[]
  children: ReactNode
}

/** What surrounds every lesson: its title, its source, the visitor's session and the way on. */
export function LessonFrame(props: LessonFrameProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-x-12 gap-y-12 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <article className="flex flex-col gap-10">
        <header>
          <p className="font-mono text-accent text-sm tabular-nums">
            {String(props.number).padStart(2, '0')}
          </p>
          <h1 className="mt-2 text-balance font-bold text-4xl leading-tight tracking-tight sm:text-5xl">
            {props.title}
          </h1>
          <p className="mt-4 max-w-prose text-pretty text-lg text-muted sm:text-xl">{props.sentence}</p>
        </header>
        <div className="flex flex-col gap-6">{props.children}</div>
      </article>
      <div className="xl:self-start">
        <SessionCard />
      </div>
      <div className="xl:col-span-2">
        <SourceListing sources={props.sources} />
      </div>
      <Neighbours previous={props.previous} next={props.next} />
    </div>
  )
}

function Neighbours({ previous, next }: Pick<LessonFrameProps, 'previous' | 'next'>) {
  return (
    <nav
      aria-label="Previous and next demo"
      className="flex justify-between gap-6 border-line border-t pt-6 xl:col-span-2"
    >
      {previous && (
        <Link href={previous.href} prefetch={false} rel="prev" className="hover:text-accent">
          <span className="block text-muted text-sm">Previous</span>
          <span className="font-medium">{previous.title}</span>
        </Link>
      )}
      {next && (
        <Link href={next.href} prefetch={false} rel="next" className="ml-auto text-right hover:text-accent">
          <span className="block text-muted text-sm">Next</span>
          <span className="font-medium">{next.title}</span>
        </Link>
      )}
    </nav>
  )
}
