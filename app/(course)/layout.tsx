import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { Nav } from './_ui/nav'
import { mono, sans } from './fonts'
import { lessonLinks } from './lessons'
import './course.css'

export const metadata: Metadata = {
  title: { default: 'sess: sessions for Next.js', template: '%s · sess' },
  description: 'Secure sessions for Next.js, working from your first request.',
}

/** The page around every lesson: its fonts, its styles, and the list of lessons. */
export default function CourseLayout({ children }: { children: ReactNode }) {
  return (
    <div
      className={`${sans.variable} ${mono.variable} min-h-dvh bg-page font-sans text-ink leading-relaxed antialiased`}
    >
      <a
        href="#content"
        className="absolute top-2 left-2 z-20 -translate-y-16 rounded-control bg-accent px-4 py-2 font-medium text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <div className="mx-auto max-w-[88rem] px-5 sm:px-8 lg:grid lg:grid-cols-[13.5rem_minmax(0,1fr)] lg:gap-12 xl:gap-16">
        <header className="sticky top-0 z-10 -mx-5 flex items-center justify-between border-line border-b bg-page px-5 py-2.5 sm:-mx-8 sm:px-8 lg:top-0 lg:-ml-3 lg:mr-0 lg:h-dvh lg:flex-col lg:items-stretch lg:justify-start lg:gap-9 lg:overflow-y-auto lg:border-b-0 lg:px-3 lg:py-12">
          {/* No <Link>: the home page of an app has its own styles, and Next would keep these when it changes the page. */}
          <a
            href="/"
            className="self-center rounded-control px-1 font-bold text-[1.75rem] leading-none tracking-[-0.05em] hover:text-accent lg:self-start lg:px-2"
          >
            sess
            <span aria-hidden="true" className="text-accent">
              .
            </span>
          </a>
          <Nav label="Lessons" items={lessonLinks} />
        </header>
        <main id="content" tabIndex={-1} className="min-w-0 py-10 outline-none lg:py-14">
          {children}
        </main>
      </div>
      <DevelopmentInspector />
    </div>
  )
}

/** Next evaluates the condition at build time. In this form, it leaves the import out of a production build. */
async function DevelopmentInspector() {
  if (process.env.NODE_ENV === 'development') {
    const { Inspector } = await import('./_live/inspector')
    return <Inspector />
  }
  return null
}
