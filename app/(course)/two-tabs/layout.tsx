import type { ReactNode } from 'react'
import tabsRun from '@/app/(course)/_live/tabs-run.ts?source'
import { LessonFrame } from '@/app/(course)/_ui/lesson-frame'
import route from '@/app/(course)/api/two-tabs/route.ts?source'
import { lessonFrame, lessonMetadata } from '@/app/(course)/lessons'
import page from './page.tsx?source'

export const metadata = lessonMetadata('two-tabs')

const sources = [route, page, tabsRun]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...lessonFrame('two-tabs')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
