const LINKS = [
  { href: '/docs/api', title: 'API' },
  { href: '/docs/configuration', title: 'Configuration' },
  { href: '/docs/time-limits', title: 'Time limits' },
  { href: '/docs/stores', title: 'Stores' },
  { href: '/docs/operating', title: 'Operating' },
  { href: '/docs/troubleshooting', title: 'Troubleshooting' },
  { href: '/docs/from-beaker', title: 'From Beaker' },
  { href: '/docs', title: 'All documentation' },
] as const

/** The documentation, at the end of every page of this site. */
export function DocsLinks() {
  return (
    <footer className="bg-page px-5 pb-12 font-sans text-ink text-small sm:px-8">
      <nav
        aria-label="Documentation"
        className="mx-auto max-w-[88rem] border-line border-t pt-6 lg:pl-[17rem] xl:pl-[18rem]"
      >
        <ul className="flex flex-wrap gap-x-6 gap-y-2">
          {LINKS.map(({ href, title }) => (
            <li key={href}>
              <a href={href} className="prose-link">
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </footer>
  )
}
