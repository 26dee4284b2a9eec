import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/_ui/lesson-frame'
import { demoFrame, demoMetadata } from '@/app/demos'
import actions from './actions.ts?source'
import colourForm from './colour-form.tsx?source'
import page from './page.tsx?source'

export const metadata = demoMetadata('set')

const sources = [actions, page, colourForm]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...demoFrame('set')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
