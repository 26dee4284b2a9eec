'use client'

import type { Route } from 'next'
import Link from 'next/link'
import { usePathname } from 'next/navigation'

/**
 * A numbered list of links. The current page is marked, for screen readers too. On narrow screens the list is a popover,
 * which browsers open and close without a script.
 */
export function Nav({ label, items }: { label: string; items: readonly { href: Route; title: string }[] }) {
  const pathname = usePathname()
  return (
    <>
      <button
        type="button"
        popoverTarget="lessons"
        className="min-h-10 rounded-control border border-edge px-3.5 font-medium text-small hover:border-accent hover:text-accent lg:hidden"
      >
        Lessons
      </button>
      <nav
        id="lessons"
        popover="auto"
        aria-label={label}
        className="top-16 right-4 left-auto m-0 max-h-[calc(100dvh-5rem)] w-72 overflow-y-auto rounded-card border border-edge bg-raised p-3 text-ink shadow-xl lg:static lg:block lg:max-h-none lg:w-auto lg:border-0 lg:overflow-visible lg:rounded-none lg:bg-transparent lg:p-0 lg:shadow-none"
      >
        <ol className="flex flex-col gap-y-0.5">
          {items.map(({ href, title }, index) => (
            <li key={href}>
              <Link
                href={href}
                prefetch={false}
                aria-current={pathname === href ? 'page' : undefined}
                onClick={closePopover}
                className="flex items-baseline gap-3 rounded-control px-2 py-1.5 text-muted text-small hover:text-ink aria-[current]:bg-accent-soft aria-[current]:font-medium aria-[current]:text-accent"
              >
                <span aria-hidden="true" className="w-4 text-right font-mono text-tiny tabular-nums">
                  {index + 1}
                </span>
                {title}
              </Link>
            </li>
          ))}
        </ol>
      </nav>
    </>
  )
}

/** Next changes the page without a reload, so the popover would stay open. */
function closePopover({ currentTarget }: { currentTarget: Element }): void {
  currentTarget.closest<HTMLElement>(':popover-open')?.hidePopover()
}
