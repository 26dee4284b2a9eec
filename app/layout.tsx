import type { Metadata } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Nav } from './_ui/nav'
import { WholeBody } from './_ui/whole-body'
import { demoLinks } from './demos'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'sess: web sessions for Next.js', template: '%s · sess' },
  description: 'Web sessions for Next.js, right from the first minute.',
}

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <WholeBody className="bg-page font-sans text-ink leading-relaxed antialiased">
        <a
          href="#content"
          className="absolute top-2 left-2 z-10 -translate-y-16 bg-accent px-4 py-2 font-medium text-on-accent focus:translate-y-0"
        >
          Skip to content
        </a>
        <div className="mx-auto max-w-7xl px-5 sm:px-8 lg:grid lg:grid-cols-[12rem_minmax(0,1fr)] lg:gap-14">
          <header className="flex flex-col gap-4 border-line border-b py-6 lg:-mx-2 lg:px-2 lg:sticky lg:top-0 lg:h-dvh lg:gap-10 lg:overflow-y-auto lg:border-b-0 lg:py-12">
            <Link
              href="/"
              prefetch={false}
              className="self-start font-bold font-mono text-2xl tracking-tight hover:text-accent"
            >
              sess
            </Link>
            <Nav label="Demos" items={demoLinks} />
          </header>
          <main id="content" tabIndex={-1} className="py-10 outline-none lg:py-12">
            {children}
          </main>
        </div>
      </WholeBody>
    </html>
  )
}
