import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/(course)/_ui/lesson-frame'
import { lessonFrame, lessonMetadata } from '@/app/(course)/lessons'
import actions from './actions.ts?source'
import colourForm from './colour-form.tsx?source'
import page from './page.tsx?source'

export const metadata = lessonMetadata('set')

const sources = [actions, page, colourForm]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...lessonFrame('set')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
