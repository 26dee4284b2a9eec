import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/(course)/_ui/lesson-frame'
import route from '@/app/(course)/api/session/route.ts?source'
import { lessonFrame, lessonMetadata } from '@/app/(course)/lessons'
import callButtons from './call-buttons.tsx?source'

export const metadata = lessonMetadata('route-handler')

const sources = [route, callButtons]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...lessonFrame('route-handler')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
