import type { Metadata } from 'next'
import CourseLayout from './(course)/layout'
import NotFound from './(course)/not-found'

export const metadata: Metadata = { title: 'Not found · sess' }

/** Shown for an address that no page has. Next renders it in the root layout, so it brings the layout of the site along. */
export default function SiteNotFound() {
  return (
    <CourseLayout>
      <NotFound />
    </CourseLayout>
  )
}
