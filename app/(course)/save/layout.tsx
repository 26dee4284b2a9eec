import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/(course)/_ui/lesson-frame'
import { lessonFrame, lessonMetadata } from '@/app/(course)/lessons'
import actions from './actions.ts?source'
import page from './page.tsx?source'

export const metadata = lessonMetadata('save')

const sources = [actions, page]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...lessonFrame('save')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
