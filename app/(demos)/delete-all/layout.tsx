import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/_ui/lesson-frame'
import { demoFrame, demoMetadata } from '@/app/demos'
import actions from './actions.ts?source'
import page from './page.tsx?source'

export const metadata = demoMetadata('delete-all')

const sources = [
  { path: 'app/(demos)/delete-all/actions.ts', text: actions },
  { path: 'app/(demos)/delete-all/page.tsx', text: page },
]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...demoFrame('delete-all')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
