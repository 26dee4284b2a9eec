import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/_ui/lesson-frame'
import { demoFrame, demoMetadata } from '@/app/demos'
import actions from './actions.ts?source'
import page from './page.tsx?source'

export const metadata = demoMetadata('why-sessions')

const sources = [actions, page]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...demoFrame('why-sessions')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
