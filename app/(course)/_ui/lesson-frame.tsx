import type { Route } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { WhatJustHappened } from '../_live/what-just-happened'
import { KeepFocus } from './keep-focus'
import { SessionCard } from './session-card'
import { type Source, SourceListing } from './source-listing'
import { Marked } from './text'

interface PageLink {
  href: Route
  title: string
}

export interface LessonFrameProps {
  number: number
  total: number
  title: string
  sentence: string
  steps: readonly string[]
  previous: PageLink | undefined
  next: PageLink | undefined
  /** The source files of the page, in reading order. */
  sources: readonly Source[]
  children: ReactNode
}

/** The frame of every lesson: title, things to try, source, the visitor's session, further reading, and the next lesson. */
export function LessonFrame({ steps, sources, previous, next, children, ...words }: LessonFrameProps) {
  return (
    <div className="flex flex-col gap-y-14">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-x-12 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-6">
          <article className="flex flex-col gap-9">
            <LessonHeader {...words} />
            <KeepFocus className="card flex flex-col gap-6 p-5 sm:p-7 [&>dl:first-child]:-mt-2 [&>dl:first-child]:border-t-0">
              {children}
            </KeepFocus>
          </article>
          <WhatJustHappened />
        </div>
        <div className="flex flex-col gap-6 xl:self-start">
          <SessionCard />
        </div>
      </div>
      <TryThis steps={steps} />
      <SourceListing sources={sources} />
      <Neighbours previous={previous} next={next} />
    </div>
  )
}

function LessonHeader({
  number,
  total,
  title,
  sentence,
}: Pick<LessonFrameProps, 'number' | 'total' | 'title' | 'sentence'>) {
  return (
    <header>
      <p className="u-label">
        Lesson {number} of {total}
      </p>
      <h1 className="mt-3 text-balance text-title">{title}</h1>
      <p className="mt-4 max-w-[38rem] text-pretty text-lead text-muted">
        <Marked>{sentence}</Marked>
      </p>
    </header>
  )
}

function TryThis({ steps }: { steps: readonly string[] }) {
  return (
    <section aria-labelledby="try-this">
      <h2 id="try-this" className="text-heading">
        Try this
      </h2>
      <ol className="mt-4 grid gap-x-10 gap-y-4 lg:grid-cols-3">
        {steps.map((step, index) => (
          <li key={step} className="flex gap-3 border-edge border-t pt-3">
            <span aria-hidden="true" className="font-mono text-accent text-small leading-relaxed">
              {index + 1}
            </span>
            <span className="min-w-0 text-pretty">
              <Marked>{step}</Marked>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Neighbours({ previous, next }: Pick<LessonFrameProps, 'previous' | 'next'>) {
  return (
    <nav aria-label="Previous and next lesson" className="grid gap-4 sm:grid-cols-2">
      {previous && <Neighbour {...previous} rel="prev" />}
      {next && <Neighbour {...next} rel="next" />}
    </nav>
  )
}

function Neighbour({ href, title, rel }: PageLink & { rel: 'prev' | 'next' }) {
  return (
    <Link
      href={href}
      prefetch={false}
      rel={rel}
      className={`card group px-5 py-4 hover:border-accent ${rel === 'next' ? 'text-right sm:col-start-2' : ''}`}
    >
      <span className="block text-muted text-small">{rel === 'next' ? 'Next' : 'Previous'}</span>
      <span className="font-semibold text-lg group-hover:text-accent">{title}</span>
    </Link>
  )
}
