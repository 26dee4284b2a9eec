import type { ReactNode } from 'react'
import cookieParts from '@/app/(course)/_live/cookie-parts.ts?source'
import { LessonFrame } from '@/app/(course)/_ui/lesson-frame'
import { lessonFrame, lessonMetadata } from '@/app/(course)/lessons'
import actions from './actions.ts?source'
import page from './page.tsx?source'

export const metadata = lessonMetadata('cookie')

const sources = [actions, page, cookieParts]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...lessonFrame('cookie')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
