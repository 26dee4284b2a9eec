import type { ReactNode } from 'react'
import tabsRun from '@/app/_live/tabs-run.ts?source'
import { LessonFrame } from '@/app/_ui/lesson-frame'
import route from '@/app/api/two-tabs/route.ts?source'
import { demoFrame, demoMetadata } from '@/app/demos'
import page from './page.tsx?source'

export const metadata = demoMetadata('two-tabs')

const sources = [route, page, tabsRun]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...demoFrame('two-tabs')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
