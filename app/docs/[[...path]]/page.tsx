import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import CourseLayout from '@/app/(course)/layout'
import pages, { type DocsPage } from '../pages'
import '../docs.css'

type Props = { params: Promise<{ path?: string[] }> }

export async function generateMetadata(props: Props): Promise<Metadata> {
  const page = await pageOf(props)
  return { title: `${page?.title ?? 'Not found'} · sess` }
}

export default async function Page(props: Props) {
  await connection() // its scripts carry the nonce of one request, so it is not prerendered
  const page = await pageOf(props)
  if (page === undefined) notFound()
  return (
    <CourseLayout>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the build makes it from our own documentation */}
      <article className="docs" dangerouslySetInnerHTML={{ __html: page.html }} />
    </CourseLayout>
  )
}

async function pageOf({ params }: Props): Promise<DocsPage | undefined> {
  const path = ((await params).path ?? []).join('/')
  return Object.hasOwn(pages, path) ? pages[path] : undefined
}
