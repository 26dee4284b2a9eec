'use client'

import type { Route } from 'next'
import Link from 'next/link'
import { usePathname } from 'next/navigation'

/** A numbered list of links; the page one is on is marked for eyes and for screen readers. */
export function Nav({ label, items }: { label: string; items: readonly { href: Route; title: string }[] }) {
  const pathname = usePathname()
  return (
    <nav aria-label={label}>
      <ol className="-mx-2 flex flex-wrap gap-x-1 lg:flex-col lg:gap-y-0.5">
        {items.map(({ href, title }, index) => (
          <li key={href}>
            <Link
              href={href}
              prefetch={false}
              aria-current={pathname === href ? 'page' : undefined}
              className="group flex items-baseline gap-2.5 rounded-md px-2 py-1 text-muted text-sm hover:text-ink aria-[current]:bg-accent-soft aria-[current]:font-medium aria-[current]:text-accent lg:py-1.5"
            >
              <span aria-hidden="true" className="hidden font-mono text-xs tabular-nums opacity-80 lg:inline">
                {index + 1}
              </span>
              {title}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}
