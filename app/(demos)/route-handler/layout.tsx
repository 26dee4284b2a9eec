import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/_ui/lesson-frame'
import route from '@/app/api/session/route.ts?source'
import { demoFrame, demoMetadata } from '@/app/demos'
import callButtons from './call-buttons.tsx?source'

export const metadata = demoMetadata('route-handler')

const sources = [
  { path: 'app/api/session/route.ts', text: route },
  { path: 'app/(demos)/route-handler/call-buttons.tsx', text: callButtons },
]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...demoFrame('route-handler')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
