import type { ReactNode } from 'react'
import cookieParts from '@/app/_live/cookie-parts.ts?source'
import { LessonFrame } from '@/app/_ui/lesson-frame'
import { demoFrame, demoMetadata } from '@/app/demos'
import actions from './actions.ts?source'
import page from './page.tsx?source'

export const metadata = demoMetadata('cookie')

const sources = [actions, page, cookieParts]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...demoFrame('cookie')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
