import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/(course)/_ui/lesson-frame'
import { lessonFrame, lessonMetadata } from '@/app/(course)/lessons'
import actions from './actions.ts?source'
import ask from './ask.ts?source'
import attacks from './attacks.ts?source'
import page from './page.tsx?source'
import who from './who/route.ts?source'

export const metadata = lessonMetadata('what-an-attacker-tries')

const sources = [attacks, actions, ask, who, page]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...lessonFrame('what-an-attacker-tries')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
