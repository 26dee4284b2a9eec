import type { ReactNode } from 'react'
import { LessonFrame } from '@/app/_ui/lesson-frame'
import { demoFrame, demoMetadata } from '@/app/demos'
import actions from './actions.ts?source'
import ask from './ask.ts?source'
import attacks from './attacks.ts?source'
import page from './page.tsx?source'
import who from './who/route.ts?source'

export const metadata = demoMetadata('what-an-attacker-tries')

const sources = [attacks, actions, ask, who, page]

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <LessonFrame {...demoFrame('what-an-attacker-tries')} sources={sources}>
      {children}
    </LessonFrame>
  )
}
