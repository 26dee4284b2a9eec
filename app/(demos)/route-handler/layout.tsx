import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/_ui/lesson-frame'
import route from '@/app/api/session/route.ts?source'
import { demoFrame, demoMetadata } from '@/app/demos'
import callButtons from './call-buttons.tsx?source'

export const metadata = demoMetadata('route-handler')

const sources = [route, callButtons]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...demoFrame('route-handler')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
